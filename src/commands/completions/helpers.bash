
# Completes a word from a list. Options are offered where a dash is typed or
# where there is nothing else; @KIND@ stands for names and files.
_sockscope_words() {
    local word words="" options="" files=""
    for word in $1; do
        case "$word" in
            @files@) files="*" ;;
            @clients@) words+=" none SCENARIOS" files="*.toml" ;;
            @scenarios@) words+=" SCENARIOS" files="*.toml" ;;
            @contenders@) words+=" MODES" files="*.rec" ;;
            @recordings@) files="*.rec" ;;
            -*) options+=" $word" ;;
            *) words+=" $word" ;;
        esac
    done
    if [[ $2 == -* || -z $words$files ]]; then
        words=$options files=""
    fi
    COMPREPLY=( $(compgen -W "$words" -- "$2") )
    if [[ -n $files ]]; then
        local IFS=$'\n'
        COMPREPLY+=( $(compgen -f -X "!$files" -- "$2") )
        COMPREPLY+=( $(compgen -d -- "$2") )
        if [[ ${BASH_VERSINFO[0]} -ge 4 ]]; then
            compopt -o filenames
        fi
    fi
}

# In a word such as --ui=log the shell takes the equals sign for a word.
_sockscope_split_at_equals_sign() {
    if [[ $prev == "=" ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    elif [[ $cur == "=" ]]; then
        cur=""
    fi
}
