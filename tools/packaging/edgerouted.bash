# edgerouted completions for bash.
_edgerouted() {
  local IFS=$'\n'
  COMPREPLY=($(compgen -W "$(edgerouted "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _edgerouted edgerouted
