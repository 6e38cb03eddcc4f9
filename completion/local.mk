# Completion for bash, where bash-completion(7) looks for it.
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = completion/pidtree
