-- SPDX-License-Identifier: BSD-2-Clause
-- A line of pidtreed's log becomes a document of the Elastic Common Schema, the
-- same as `pidtree export --ecs` makes of it; for Fluent Bit's filter and for
-- Vector's transform `lua`.  Lua 5.1 to 5.4.

-- Made by integrations/update from `pidtree export --fields`; not by hand.
-- begin tables
local ecs_version = "8.11.0"
local connection = {
	["meta.sequenceId"] = { "event.sequence", "number" },
	["meta.sysUpTime"] = { "pidtree.sysUpTime", "number" },
	["host.id"] = { "host.id", "string" },
	["host.boot"] = { "host.boot.id", "string" },
	["event.act"] = { "event.action", "string" },
	["event.outcome"] = { "pidtree.outcome", "string" },
	["event.reason"] = { "event.reason", "string" },
	["event.waited"] = { "pidtree.waited", "number" },
	["event.query"] = { "dns.question.name", "string" },
	["event.qtype"] = { "dns.question.type", "string" },
	["event.rcode"] = { "dns.response_code", "string" },
	["event.answers"] = { "dns.resolved_ip", "list" },
	["event.answersCut"] = { "pidtree.answersCut", "number" },
	["event.resolver"] = { "pidtree.resolver", "number" },
	["event.closedBy"] = { "pidtree.closedBy", "string" },
	["event.duration"] = { "pidtree.duration", "number" },
	["event.in"] = { "destination.bytes", "number" },
	["event.out"] = { "source.bytes", "number" },
	["event.proto"] = { "network.transport", "lower" },
	["event.src"] = { "source.ip", "string" },
	["event.shost"] = { "source.domain", "string" },
	["event.spt"] = { "source.port", "number" },
	["event.snapshot"] = { "pidtree.snapshot", "number" },
	["event.random"] = { "pidtree.random", "number" },
	["event.dst"] = { "destination.ip", "string" },
	["event.dhost"] = { "destination.domain", "string" },
	["event.dhostsource"] = { "pidtree.dhostsource", "string" },
	["event.dpt"] = { "destination.port", "number" },
	["event.net"] = { "pidtree.net", "string" },
	["event.nat64"] = { "destination.nat.ip", "string" },
	["event.deviceDirection"] = { "network.direction", "direction" },
	["event.filePath"] = { "file.path", "string" },
	["event.argv"] = { "pidtree.argv", "string" },
	["event.argvcut"] = { "pidtree.argvcut", "number" },
	["event.cwd"] = { "process.working_directory", "string" },
	["event.root"] = { "pidtree.root", "string" },
	["event.mntns"] = { "pidtree.mntns", "number" },
	["event.traits"] = { "pidtree.traits", "string" },
	["event.line"] = { "pidtree.line", "string" },
	["event.linecut"] = { "pidtree.linecut", "number" },
	["event.tty"] = { "pidtree.tty", "string" },
	["event.capability"] = { "pidtree.capability", "string" },
	["event.askedns"] = { "pidtree.askedns", "number" },
	["event.ownPath"] = { "pidtree.ownPath", "string" },
	["event.insidePath"] = { "pidtree.insidePath", "string" },
	["event.asked"] = { "pidtree.asked", "string" },
	["event.watched"] = { "pidtree.watched", "string" },
	["event.access"] = { "pidtree.access", "string" },
	["event.way"] = { "pidtree.way", "string" },
	["event.place"] = { "pidtree.place", "string" },
	["event.entered"] = { "pidtree.entered", "string" },
	["event.mode"] = { "file.mode", "string" },
	["event.tid"] = { "process.thread.id", "number" },
	["event.thread"] = { "process.thread.name", "string" },
	["event.kernel"] = { "pidtree.kernel", "number" },
	["event.repair"] = { "pidtree.repair", "number" },
	["event.subflow"] = { "pidtree.subflow", "number" },
	["event.quic"] = { "pidtree.quic", "number" },
	["event.proxy"] = { "pidtree.proxy", "number" },
	["event.netns"] = { "pidtree.netns", "number" },
	["event.userns"] = { "pidtree.userns", "number" },
	["event.nsuid"] = { "pidtree.nsuid", "number" },
	["event.cgroup"] = { "pidtree.cgroup", "string" },
	["event.unit"] = { "pidtree.unit", "string" },
	["event.runtime"] = { "container.runtime", "string" },
	["event.container"] = { "container.id", "string" },
	["event.containerName"] = { "container.name", "string" },
	["event.image"] = { "container.image.name", "string" },
	["event.pod"] = { "orchestrator.resource.name", "string" },
	["event.podUid"] = { "orchestrator.resource.id", "string" },
	["event.namespace"] = { "orchestrator.namespace", "string" },
	["event.adopter"] = { "pidtree.adopter", "string" },
	["event.pkey"] = { "process.entity_id", "string" },
	["event.externalId"] = { "event.id", "string" },
	["event.cid"] = { "pidtree.cid", "string" },
	["event.rule"] = { "rule.name", "string" },
	["event.decision"] = { "pidtree.decision", "string" },
	["event.tags"] = { "pidtree.tags", "string" },
	["event.start"] = { "event.start", "string" },
	["event.end"] = { "event.end", "string" },
	["event.cnt"] = { "pidtree.cnt", "number" },
	["ancestry.depth"] = { "pidtree.depth", "number" },
	["ancestry.cut"] = { "pidtree.cut", "number" },
	["ancestry.chain"] = { "pidtree.chain", "string" },
	["ancestry.redacted"] = { "pidtree.redacted", "string" },
	["ancestry.truncated"] = { "pidtree.truncated", "string" },
	["event.truncated"] = { "pidtree.truncated", "string" },
}
local collector = {
	["meta.sequenceId"] = { "event.sequence", "number" },
	["meta.sysUpTime"] = { "pidtree.sysUpTime", "number" },
	["origin.software"] = { "observer.product", "string" },
	["origin.swVersion"] = { "observer.version", "string" },
	["timeQuality.tzKnown"] = { "pidtree.tzKnown", "number" },
	["timeQuality.isSynced"] = { "pidtree.isSynced", "number" },
	["timeQuality.syncAccuracy"] = { "pidtree.syncAccuracy", "number" },
	["host.id"] = { "host.id", "string" },
	["host.boot"] = { "host.boot.id", "string" },
	["event.externalId"] = { "event.id", "string" },
	["event.version"] = { "pidtree.version", "string" },
	["event.abi"] = { "pidtree.abi", "number" },
	["event.target"] = { "pidtree.target", "string" },
	["event.keep"] = { "pidtree.keep", "string" },
	["event.config"] = { "pidtree.config", "string" },
	["event.filter"] = { "pidtree.filter", "string" },
	["event.filterHash"] = { "pidtree.filterHash", "string" },
	["event.acceptFilter"] = { "pidtree.acceptFilter", "string" },
	["event.listenFilter"] = { "pidtree.listenFilter", "string" },
	["event.rules"] = { "pidtree.rules", "number" },
	["event.rulesHash"] = { "pidtree.rulesHash", "string" },
	["event.drops"] = { "pidtree.drops", "string" },
	["event.digests"] = { "pidtree.digests", "string" },
	["event.probes"] = { "pidtree.probes", "string" },
	["event.refused"] = { "pidtree.refused", "string" },
	["event.cause"] = { "pidtree.cause", "string" },
	["event.detail"] = { "pidtree.detail", "string" },
	["event.start"] = { "event.start", "string" },
	["event.end"] = { "event.end", "string" },
	["event.cnt"] = { "pidtree.cnt", "number" },
	["event.before"] = { "pidtree.before", "string" },
	["event.after"] = { "pidtree.after", "string" },
	["event.queued"] = { "pidtree.queued", "number" },
	["event.rss"] = { "pidtree.rss", "number" },
	["event.kmem"] = { "pidtree.kmem", "number" },
	["event.attempts"] = { "pidtree.counters.attempts", "number" },
	["event.filtered"] = { "pidtree.counters.filtered", "number" },
	["event.digested"] = { "pidtree.counters.digested", "number" },
	["event.storms_full"] = { "pidtree.counters.storms_full", "number" },
	["event.attempts_full"] = { "pidtree.counters.attempts_full", "number" },
	["event.nomark"] = { "pidtree.counters.nomark", "number" },
	["event.norecord"] = { "pidtree.counters.norecord", "number" },
	["event.repair"] = { "pidtree.counters.repair", "number" },
	["event.udp_sessions"] = { "pidtree.counters.udp_sessions", "number" },
	["event.udp_filtered"] = { "pidtree.counters.udp_filtered", "number" },
	["event.udp_untracked"] = { "pidtree.counters.udp_untracked", "number" },
	["event.udp_full"] = { "pidtree.counters.udp_full", "number" },
	["event.udp_shared"] = { "pidtree.counters.udp_shared", "number" },
	["event.stale"] = { "pidtree.counters.stale", "number" },
	["event.dns_questions"] = { "pidtree.counters.dns_questions", "number" },
	["event.dns_counted"] = { "pidtree.counters.dns_counted", "number" },
	["event.dns_full"] = { "pidtree.counters.dns_full", "number" },
	["event.dns_unread"] = { "pidtree.counters.dns_unread", "number" },
	["event.dns_odd"] = { "pidtree.counters.dns_odd", "number" },
	["event.accepts"] = { "pidtree.counters.accepts", "number" },
	["event.accepts_unknown"] = { "pidtree.counters.accepts_unknown", "number" },
	["event.listens"] = { "pidtree.counters.listens", "number" },
	["event.binds"] = { "pidtree.counters.binds", "number" },
	["event.snapshots"] = { "pidtree.counters.snapshots", "number" },
	["event.snapshot_full"] = { "pidtree.counters.snapshot_full", "number" },
	["event.exec_logged"] = { "pidtree.counters.exec_logged", "number" },
	["event.exec_bare"] = { "pidtree.counters.exec_bare", "number" },
	["event.lines"] = { "pidtree.counters.lines", "number" },
	["event.checks_full"] = { "pidtree.counters.checks_full", "number" },
	["event.opens"] = { "pidtree.counters.opens", "number" },
	["event.escapes"] = { "pidtree.counters.escapes", "number" },
	["event.endings"] = { "pidtree.counters.endings", "number" },
	["event.endings_full"] = { "pidtree.counters.endings_full", "number" },
	["event.ring_full"] = { "pidtree.counters.ring_full", "number" },
	["event.forks"] = { "pidtree.counters.forks", "number" },
	["event.execs"] = { "pidtree.counters.execs", "number" },
	["event.exits"] = { "pidtree.counters.exits", "number" },
	["event.procs_full"] = { "pidtree.counters.procs_full", "number" },
	["event.images_full"] = { "pidtree.counters.images_full", "number" },
	["event.no_args"] = { "pidtree.counters.no_args", "number" },
	["event.spliced"] = { "pidtree.counters.spliced", "number" },
	["event.deferred"] = { "pidtree.counters.deferred", "number" },
	["event.deferred_full"] = { "pidtree.counters.deferred_full", "number" },
	["event.seeded"] = { "pidtree.counters.seeded", "number" },
	["event.dead_full"] = { "pidtree.counters.dead_full", "number" },
	["event.swept"] = { "pidtree.counters.swept", "number" },
	["event.sink_dropped"] = { "pidtree.counters.sink_dropped", "number" },
	["event.not_adopted"] = { "pidtree.counters.not_adopted", "number" },
	["event.recursion_misses"] = { "pidtree.counters.recursion_misses", "number" },
	["event.inherited"] = { "pidtree.counters.inherited", "number" },
	["event.listens_filtered"] = { "pidtree.counters.listens_filtered", "number" },
	["event.from_proc"] = { "pidtree.counters.from_proc", "number" },
	["event.unresolved"] = { "pidtree.counters.unresolved", "number" },
	["event.container_skipped"] = { "pidtree.counters.container_skipped", "number" },
	["event.rule_dropped"] = { "pidtree.counters.rule_dropped", "number" },
	["event.rule_dropped_early"] = { "pidtree.counters.rule_dropped_early", "number" },
	["event.rule_digested"] = { "pidtree.counters.rule_digested", "number" },
	["event.digests_full"] = { "pidtree.counters.digests_full", "number" },
	["event.names_timeout"] = { "pidtree.counters.names_timeout", "number" },
	["event.cloud"] = { "cloud.provider", "string" },
	["event.account"] = { "cloud.account.id", "string" },
	["event.region"] = { "cloud.region", "string" },
	["event.machine"] = { "host.type", "string" },
	["event.fqdn"] = { "pidtree.fqdn", "string" },
	["event.kernelRelease"] = { "host.os.kernel", "string" },
	["event.os"] = { "host.os.full", "string" },
	["event.addresses"] = { "host.ip", "list" },
	["event.forwarding"] = { "pidtree.forwarding", "number" },
	["event.truncated"] = { "pidtree.truncated", "string" },
}
local process = {
	["spid"] = { "process.pid", "process.parent.pid", "pid", "number" },
	["dpid"] = { "process.pid", "process.parent.pid", "pid", "number" },
	["sproc"] = { "process.name", "process.parent.name", "name", "string" },
	["dproc"] = { "process.name", "process.parent.name", "name", "string" },
	["suid"] = { "user.id", "process.parent.real_user.id", "real_user.id", "string" },
	["duid"] = { "user.id", "process.parent.real_user.id", "real_user.id", "string" },
	["suser"] = { "user.name", "process.parent.real_user.name", "real_user.name", "string" },
	["duser"] = { "user.name", "process.parent.real_user.name", "real_user.name", "string" },
	["euid"] = { "user.effective.id", "process.parent.user.id", "user.id", "string" },
	["gid"] = { "user.group.id", "process.parent.real_group.id", "real_group.id", "string" },
	["group"] = { "user.group.name", "process.parent.real_group.name", "real_group.name", "string" },
	["egid"] = { "user.effective.group.id", "process.parent.group.id", "group.id", "string" },
	["auid"] = { "user.audit.id", "pidtree.parent.audit.id", "audit.id", "string" },
	["auser"] = { "user.audit.name", "pidtree.parent.audit.name", "audit.name", "string" },
	["ses"] = { "pidtree.ses", "pidtree.parent.ses", "ses", "number" },
	["exe"] = { "process.executable", "process.parent.executable", "executable", "string" },
	["script"] = { "pidtree.script", "pidtree.parent.script", "script", "string" },
	["cmd"] = { "process.command_line", "process.parent.command_line", "command_line", "string" },
	["cmdlen"] = { "pidtree.cmdlen", "pidtree.parent.cmdlen", "cmdlen", "number" },
	["cmdhash"] = { "pidtree.cmdhash", "pidtree.parent.cmdhash", "cmdhash", "string" },
	["born"] = { "process.start", "process.parent.start", "start", "string" },
	["state"] = { "pidtree.state", "pidtree.parent.state", "state", "string" },
}
local messages = {
	["CONNECT"] = { "event", "network", "connection start", true },
	["OUTCOME"] = { "event", "network", "connection info", true },
	["UDP"] = { "event", "network", "connection start", true },
	["CLOSE"] = { "event", "network", "connection end", true },
	["DIGEST"] = { "event", "network", "connection info", true },
	["LISTEN"] = { "event", "network", "info", true },
	["DNS"] = { "event", "network", "protocol info", true },
	["EXEC"] = { "event", "process", "start", true },
	["READLINE"] = { "event", "process", "info", true },
	["ACCEPT"] = { "event", "network", "connection start", true },
	["CAPABLE"] = { "event", "process", "info", true },
	["OPEN"] = { "event", "file", "access", true },
	["ESCAPE"] = { "event", "process", "access", true },
	["START"] = { "event", "configuration", "info", false },
	["STOP"] = { "event", "configuration", "info", false },
	["RELOAD"] = { "event", "configuration", "change", false },
	["STATS"] = { "metric", "host", "info", false },
	["LOST"] = { "event", "host", "info", false },
	["CLOCK"] = { "event", "host", "change", false },
	["HOST"] = { "state", "host", "info", false },
	["TEST"] = { "event", "host", "info", false },
}
-- end tables

local outcomes = { established = "success", closed = "success",
	idle = "success", answered = "success", success = "success",
	granted = "success",
	pending = "unknown" }

-- Puts value at a path (a.b.c) below t.
local function put(t, path, value)
	local head, rest = path:match("^([^.]+)%.(.+)$")
	while head do
		t[head] = t[head] or {}
		t, path = t[head], rest
		head, rest = path:match("^([^.]+)%.(.+)$")
	end
	t[path] = value
end

-- What ECS wants of a value.
local function convert(how, value)
	if how == "number" then
		return tonumber(value)
	elseif how == "lower" then
		return value:lower()
	elseif how == "direction" then
		return value == "1" and "egress" or value == "0" and "ingress" or
		    tonumber(value)
	elseif how == "list" then
		local words = {}
		for word in value:gmatch("[^ ]+") do
			words[#words + 1] = word
		end
		return words
	end
	return value
end

-- The value that begins at pos, after its quote (RFC 5424 6.3.3), and where
-- it ends; nil if it does not.
local function value_at(line, pos)
	local from = pos
	while true do
		local at = line:find('["\\%]]', pos)
		local c = at and line:sub(at, at)
		if c == '"' then
			return line:sub(from, at - 1):gsub('\\(["\\%]])', "%1"),
			    at + 1
		elseif c == "\\" then
			pos = line:find('^["\\%]]', at + 1) and at + 2 or at + 1
		else
			return nil
		end
	end
end

-- Calls each(element, name, value) for the structured data at pos; returns
-- where it ends, nil if it is malformed.
local function elements(line, pos, each)
	if line:sub(pos, pos) == "-" then
		return pos + 1
	end
	while line:sub(pos, pos) == "[" do
		local element, at = line:match('^%[([^ =%]"@]+)@?%d*()', pos)
		if not element then
			return nil
		end
		pos = at
		while line:sub(pos, pos) == " " do
			local name, from = line:match('^ ([^ =%]"]+)="()', pos)
			if not name then
				return nil
			end
			local value, after = value_at(line, from)
			if not value then
				return nil
			end
			if value ~= "" then
				each(element, name, value)
			end
			pos = after
		end
		if line:sub(pos, pos) ~= "]" then
			return nil
		end
		pos = pos + 1
	end
	return pos
end

-- A field of the caller (distance 0) or an ancestor; false if it is none.
local function process_field(doc, ancestors, distance, name, value)
	local place = process[name]
	if not place then
		return false
	end
	if distance == 0 then
		put(doc, place[1], convert(place[4], value))
	elseif distance == 1 then
		put(doc, place[2], convert(place[4], value))
	else
		local last = ancestors[#ancestors]
		if not last or last.distance ~= distance then
			last = { distance = distance }
			ancestors[#ancestors + 1] = last
		end
		put(last, place[3], convert(place[4], value))
	end
	return true
end

local function header(doc, pri, time, host, app, procid, msgid)
	local kind = messages[msgid]
	if time ~= "-" then
		doc["@timestamp"] = time
	end
	if host ~= "-" then
		put(doc, "host.name", host)
	end
	put(doc, "log.syslog.appname", app)
	if procid:match("^%d+$") then
		put(doc, "log.syslog.procid", procid)
	end
	put(doc, "log.syslog.facility.code", math.floor(pri / 8))
	put(doc, "log.syslog.severity.code", pri % 8)
	put(doc, "ecs.version", ecs_version)
	put(doc, "event", { kind = kind[1], category = { kind[2] },
	    type = convert("list", kind[3]), code = msgid,
	    action = not kind[4] and msgid:lower() or nil,
	    module = "pidtreed", dataset = "pidtreed.log" })
end

-- A document, or nil and why there is none.
local function document(line)
	local pri, time, host, app, procid, msgid, pos = line:match(
	    "^<(%d%d?%d?)>1 (%S+) (%S+) (%S+) (%S+) (%S+) ()")
	if app ~= "pidtreed" or not messages[msgid] then
		return nil
	end
	local doc, ancestors = {}, {}
	local fields = messages[msgid][4] and connection or collector
	header(doc, tonumber(pri), time, host, app, procid, msgid)
	local after = elements(line, pos, function(element, name, value)
		local base, distance = name:match("^(.-)([1-9]%d*)$")
		local place = fields[element .. "." .. name]
		if place then
			put(doc, place[1], convert(place[2], value))
		elseif element == "event" and messages[msgid][4] then
			process_field(doc, ancestors, 0, name, value)
		elseif element == "ancestry" and base then
			process_field(doc, ancestors, tonumber(distance), base,
			    value)
		end
	end)
	if not after then
		return nil, "malformed structured data"
	end
	local outcome = doc.pidtree and doc.pidtree.outcome
	if outcome then
		doc.event.outcome = outcomes[outcome] or "failure"
	end
	local address = doc.destination and doc.destination.ip or
	    doc.source and doc.source.ip
	if address then
		put(doc, "network.type", address:find(":") and "ipv6" or "ipv4")
	end
	if #ancestors > 0 then
		put(doc, "pidtree.ancestors", ancestors)
	end
	local text = line:sub(after):gsub("^ ", ""):gsub("^\239\187\191", "")
	if text ~= "" then
		doc.message = text
	end
	return doc
end

-- Fluent Bit calls this: 2 is a new record with the old time, 0 the old one.
-- The line is in `log`, where the tail input puts it.
function pidtreed(_, _, record)
	local doc, why = document((tostring(record.log or ""):gsub("\r$", "")))
	if doc then
		return 2, 0, doc
	elseif why then
		record.error = { message = "pidtreed: " .. why }
		return 2, 0, record
	end
	return 0, 0, record
end

-- Vector calls this.  The line is in `message`.
function pidtreed_vector(event, emit)
	local line = tostring(event.log.message or "")
	local doc, why = document((line:gsub("\r$", "")))
	if doc then
		event.log = doc
	elseif why then
		event.log.error = { message = "pidtreed: " .. why }
	end
	emit(event)
end
