# Types command lines into a zsh of its own, a tab behind each, and prints what that offers: a word, a tab and what it is; a
# form feed behind each line.
#
#   zsh -f complete.zsh SCRIPT LINE…

zmodload zsh/zpty
export COMPLETION=$1 OFFERED=$(mktemp) SETUP=$(mktemp)
shift

# What the zsh at the other end of the pseudoterminal is told first.
cat >$SETUP <<'END'
PS1= COLUMNS=1000
setopt extended_glob
autoload -Uz compinit && compinit -D -u
# A flag's two names each with what it is, not both on one line.
zstyle ':completion:*' list-grouped false
source $COMPLETION
# All that is offered passes through here.
compadd() {
  local -i end=${@[(i)(-|--)]} at=${@[(i)-[a-zA-Z0-9]#d]} each
  # Zsh's own functions ask what would match: nothing is offered yet.
  if (( ${@[1,end-1][(I)-[a-zA-Z0-9]#[OAD]]} )); then
    builtin compadd "$@"
    return
  fi
  local -a hits shown
  if (( at < end )); then
    local name=$@[at+1]
    shown=("${(@P)name}")
  fi
  builtin compadd -A hits -D shown "$@"
  for (( each = 1; each <= $#hits; each++ )); do
    print -r -- "$hits[each]"$'\t'"${${(M)shown[each]:#* -- *}#* -- }" >>$OFFERED
  done
  builtin compadd "$@"
}
# The line stays as it is, and nothing is listed.
ended() {
  print -rn -- '@@end@@'
  compstate[insert]= compstate[list]=
}
tab() {
  comppostfuncs=(ended)
  zle complete-word
}
zle -N tab
bindkey '^I' tab
# In two, since the line that says to read this is shown.
print -rn -- '@@''end@@'
END

zpty typed zsh -f -i
zpty -w typed "stty -echo cols 1000; source $SETUP"
zpty -r typed shown '*@@end@@'
for line; do
  zpty -w -n typed $'\C-u'"$line"$'\t'
  zpty -r typed shown '*@@end@@'
  cat $OFFERED
  print $'\f'
  : >$OFFERED
done
zpty -d typed
rm -f $OFFERED $SETUP
