# Manual pages, mdoc.
