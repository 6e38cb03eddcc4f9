/* SPDX-License-Identifier: BSD-2-Clause */
/* A command of pidtree act is started: no shell, nothing of ours but what it
   is given. */
#define _GNU_SOURCE	/* memfd_create, pipe2, execvpe */
#include <sys/mman.h>
#include <sys/prctl.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "act_impl.h"

/* A file in memory that nobody can change any more, to be read. */
static int
input_file(const struct act_gift *g)
{
	int fd = memfd_create("event", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (write(fd, g->input, g->input_len) == (ssize_t)g->input_len &&
	    lseek(fd, 0, SEEK_SET) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW |
	    F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
		return fd;
	close(fd);
	return -1;
}

/* In the new process. */
static void
execute(char **argv, char **env, int in, int out)
{
	sigset_t none;

	/* Ends with us also if we are killed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, STDIN_FILENO) != -1 && dup2(out, STDOUT_FILENO) != -1 &&
	    dup2(out, STDERR_FILENO) != -1)
		execvpe(argv[0], argv, env);
	dprintf(STDERR_FILENO, "cannot be run: %s\n", strerror(errno));
	_exit(127);
}

pid_t
act_spawn(char **argv, const struct act_gift *g, int *from)
{
	int in = input_file(g), out[2] = { -1, -1 }, error;
	pid_t pid;

	if (in < 0 || pipe2(out, O_CLOEXEC | O_NONBLOCK) != 0)
		goto fail;
	/* Its end blocks as a program expects. */
	if (fcntl(out[1], F_SETFL, 0) != 0 || (pid = fork()) < 0)
		goto fail;
	if (pid == 0)
		execute(argv, g->env, in, out[1]);
	close(in);
	close(out[1]);
	*from = out[0];
	return pid;
fail:
	error = errno;
	if (in >= 0)
		close(in);
	if (out[0] >= 0) {
		close(out[0]);
		close(out[1]);
	}
	errno = error;
	return -1;
}
