# Everything that is missing is collected, and said in one line at the end,
# by the name of the Debian package that has it.

# PT_NEED_PKG(VARIABLE, MODULES, DEBIAN-PACKAGE): pkg-config modules.
AC_DEFUN([PT_NEED_PKG],
[PKG_CHECK_MODULES([$1], [$2], [], [pt_missing="$pt_missing $3"])])

# PT_NEED_PROG(VARIABLE, NAMES, DEBIAN-PACKAGE): a program, sbin included.
AC_DEFUN([PT_NEED_PROG],
[AC_ARG_VAR([$1], [the program ]m4_car(m4_unquote(m4_split([$2]))))
AC_PATH_PROGS([$1], [$2], [], [$PATH:/usr/local/sbin:/usr/sbin:/sbin])
AS_IF([test -z "$$1"], [pt_missing="$pt_missing $3"])])

# PT_NEEDS_MET: stops here unless all was found.
AC_DEFUN([PT_NEEDS_MET],
[AS_IF([test -n "$pt_missing"],
	[AC_MSG_ERROR([missing; on Debian: apt-get install$pt_missing])])])
