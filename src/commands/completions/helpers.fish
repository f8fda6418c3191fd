
# Files are offered where an option or a command takes one, and only there.
complete -c sockscope -f

# Prints the names and the files that a kind stands for.
function __sockscope_words -a kind
    set -l suffix toml
    switch $kind
        case clients
            printf '%s\t%s\n' none 'No clients of ours' SCENARIOS
        case scenarios
            printf '%s\t%s\n' SCENARIOS
        case contenders
            printf '%s\t%s\n' MODES
            set suffix rec
        case recordings
            set suffix rec
    end
    set -l typed (commandline -ct | string replace -r -- '^--[^=]*=' '')
    __fish_complete_path $typed | string match -r '.*(?:/|\.'$suffix')(?:\t.*)?$'
end

