
# Completes the names and the files that a kind stands for.
_sockscope_words() {
    local -a names
    local suffix=toml ret=1
    case $1 in
        (clients)
            names=('none:No clients of ours' SCENARIOS)
            ;;
        (scenarios)
            names=(SCENARIOS)
            ;;
        (contenders)
            names=(MODES) suffix=rec
            ;;
        (recordings)
            suffix=rec
            ;;
    esac
    _describe -t names name names && ret=0
    _files -g "*.$suffix" && ret=0
    return ret
}
