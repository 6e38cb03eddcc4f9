/* SPDX-License-Identifier: BSD-2-Clause */
/* The lists of addresses that are built in; pidtreed.yaml(5) has them, too. */
#include "filter.h"

/* 240.0.0.0/4 has the broadcast address in it.  Documentation ranges are
   not here: what goes there is worth a look. */
const char *const filter_default_exclude[] = {
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
	"169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16",
	"198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
	"::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8",
	NULL
};

/* Of addresses that are listened on. */
const char *const filter_default_listen[] = {
	"127.0.0.0/8", "::1/128", NULL
};

/* Instance metadata of AWS and others, credentials of ECS and EKS tasks,
   both of AWS over IPv6, Azure's wire server, Alibaba. */
const char *const filter_metadata[] = {
	"169.254.169.254", "169.254.170.2", "169.254.170.23",
	"fd00:ec2::254", "fd00:ec2::23", "168.63.129.16", "100.100.100.200",
	NULL
};
