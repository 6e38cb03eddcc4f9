/* SPDX-License-Identifier: BSD-2-Clause */
/* The programs that are known to forward for others; pidtreed.yaml(5) has
   them, too. */
#include <stddef.h>

#include "conf.h"

const char *const conf_default_forwarders[] = {
	"squid", "haproxy", "envoy", "nginx", "sshd", "sshd-session", "ssh",
	"wireguard", "wireguard-go", "openvpn", "traefik", "caddy", "socat",
	"tinyproxy", "privoxy", "danted", "microsocks", "ziti-tunnel",
	"stunnel", "stunnel4", "tor", "frpc", "frps", "chisel", "cloudflared",
	"docker-proxy", "pilot-agent", "varnishd", "apache2", "httpd", NULL
};
