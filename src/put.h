/* SPDX-License-Identifier: BSD-2-Clause */
/* What a target says to a message. */
#ifndef PIDTREED_PUT_H
#define PIDTREED_PUT_H

enum put {
	PUT_OK,		/* taken */
	PUT_WAIT,	/* once more when the descriptor is writable */
	PUT_RETRY,	/* once more after a while; errno says why */
	PUT_AGAIN,	/* once more, after what the last reader left unread */
	PUT_BIG,	/* never: too long for the target */
	PUT_END,	/* never: nobody reads any more */
};

#endif
