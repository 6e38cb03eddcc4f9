# Manual pages, mdoc.
dist_man_MANS += man/pidtree.1 man/pidtree-show.1
