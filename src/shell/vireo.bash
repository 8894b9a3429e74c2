# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of vireo in bash: the program itself knows its commands, options and domains.
_vireo()
{
	local line=${COMP_LINE:0:$COMP_POINT} words
	read -r -a words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=("")
	mapfile -t COMPREPLY < <(vireo complete -- "${words[@]:1}" 2>/dev/null)
	# bash takes "--option" and "=" apart: give back what stands behind "="
	local word=${words[-1]}
	if [[ $word == *=* && $COMP_WORDBREAKS == *=* ]]; then
		COMPREPLY=("${COMPREPLY[@]#"${word%%=*}="}")
	fi
	[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace
}
complete -F _vireo vireo
