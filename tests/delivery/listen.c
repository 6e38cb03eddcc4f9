/* SPDX-License-Identifier: BSD-2-Clause */
/* listen FILE: listens on loopback, writes its port to FILE, and waits until
   it is killed.  What it is called is the test's matter. */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	int s = socket(AF_INET, SOCK_STREAM, 0);
	FILE *f;

	if (argc != 2)
		errx(2, "usage: listen FILE");
	if (s < 0 || bind(s, (struct sockaddr *)&sin, len) != 0 ||
	    listen(s, 1) != 0 ||
	    getsockname(s, (struct sockaddr *)&sin, &len) != 0)
		err(1, "socket");
	if ((f = fopen(argv[1], "w")) == NULL)
		err(1, "%s", argv[1]);
	fprintf(f, "%d\n", ntohs(sin.sin_port));
	fclose(f);
	for (;;)
		pause();
}
