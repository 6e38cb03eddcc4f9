/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a process executes, made once and shared by all that fork from it. */
#ifndef PIDTREED_IMAGE_H
#define PIDTREED_IMAGE_H

#include "tree.h"
#include "path.h"

static const struct image image_empty = { .refs = 1 };

/* A new image with one reference, the caller's, to be filled and then
   announced by image_ready.  Returns its id, or 0 if there is no room. */
static __always_inline __u64
image_new(struct control *c, struct image **image)
{
	__u64 id = __sync_fetch_and_add(&c->image_seq, 1) + 1;

	if (bpf_map_update_elem(&images, &id, &image_empty, BPF_NOEXIST)) {
		count(COUNTER_images_full);
		return 0;
	}
	*image = bpf_map_lookup_elem(&images, &id);
	return *image ? id : 0;
}

static __always_inline void
image_ready(struct image *image, __u64 id)
{
	barrier();
	image->id_tail = id;
	image->id = id;
}

/* The name that exec was asked for, where it is not the executable's own:
   a script, a relative path, a symbolic link. */
static __always_inline void
script_read(struct image *image, const char *filename)
{
	long n = bpf_probe_read_kernel_str(image->script,
	    sizeof(image->script), filename);

	if (n == sizeof(image->script))
		image->flags |= IMAGE_SCRIPT_CUT;
}

#endif
