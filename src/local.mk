# All of the daemon and the command; each main is a page, tests link the same.
noinst_LIBRARIES += src/libpidtree.a
src_libpidtree_a_CPPFLAGS = $(AM_CPPFLAGS) $(BPF_CFLAGS) $(YAML_CFLAGS) \
	$(FJSON_CFLAGS) $(ZLIB_CFLAGS) $(MD_CFLAGS) $(EVENT_CFLAGS) $(CAPNG_CFLAGS)
src_libpidtree_a_SOURCES = src/event.h src/counter.h \
	src/wire_control.h src/wire_dns.h src/wire_doing.h \
	src/wire_process.h src/wire_socket.h src/wire_storm.h \
	src/message.c src/message.h \
	src/fields.c src/fields_read.c src/fields.h \
	src/expr.c src/expr_parse.c src/expr_lex.c src/expr_field.c \
	src/expr_literal.c src/expr_terms.c src/expr_terms.h src/leaveout.h \
	src/expr_value.c src/expr.h src/expr_impl.h \
	src/text.c src/text_value.c src/text.h \
	src/rfc5424.c src/rfc5424_parse.c src/rfc5424.h \
	src/writer.c src/writer.h \
	src/budget.c src/sentence.c src/sentence_event.c src/sentence_own.c \
	src/sentence_impl.h src/emit.c src/emit.h \
	src/pattern.c src/pattern_needs.c src/pattern.h src/nearest.h \
	src/redact.c src/redact.h \
	src/secrets.c src/secrets_word.c src/secrets_form.c src/secrets.h \
	src/buf.c src/buf.h \
	src/log.c src/log.h \
	src/number.h src/ports.c src/ports.h src/prefix.c src/prefix.h \
	src/rule.c src/rule.h src/dns.c src/dns.h \
	src/filter.c src/filterbuild.c src/filterlists.c src/filter.h \
	src/boxfilter.c src/boxfilter.h \
	src/boxread.c src/boxparse.c src/boxread.h \
	src/items.c src/items.h src/options.c src/optvalue.c src/options.h \
	src/yamlfile.c src/yamlfile.h \
	src/conffiles.c src/conffiles.h src/digests.c src/digests.h \
	src/rules.c src/rules_yaml.c src/rules_index.c src/rules_recall.c src/rules_decide.c src/rules_leave.c src/rules_tell.c \
	src/rules.h src/rules_impl.h src/rules_locate.c src/rules_yaml.h \
	src/conf.c src/conf.h src/confyaml.c src/confyaml.h \
	src/capability.c src/capability.h \
	src/confmake.c src/confmake.h src/confdump.c src/confforward.c \
	src/proxyenv.c src/proxyenv.h src/watchpath.c src/watchpath.h \
	src/filepath.c src/filepath.h \
	src/request.c src/request.h src/volume.c src/volume.h
COMMAND_LIBS = src/libpidtree.a $(FJSON_LIBS) $(ZLIB_LIBS) $(YAML_LIBS) $(MD_LIBS)
DAEMON_LIBS = $(COMMAND_LIBS) $(BPF_LIBS) $(EVENT_LIBS) $(CAPNG_LIBS)

# What only the daemon has (libbpf, libevent, libcap-ng) goes in here.
if DAEMON
src_libpidtree_a_SOURCES += \
	src/account.c src/account.h \
	src/address.c src/address.h \
	src/addrnames.c src/addrnames.h \
	src/asker.c src/asker.h \
	src/boxes.c src/boxes.h \
	src/boxhelper.c src/boxhelper.h \
	src/clock.h src/put.h \
	src/cloud.c src/cloud.h \
	src/helper.c src/helper.h \
	src/host.c src/host.h \
	src/ingest.c src/ingest.h \
	src/machineid.c src/machineid.h \
	src/namehelper.c src/namehelper.h \
	src/names.c src/names.h \
	src/notify.c src/notify.h \
	src/outfile.c src/outfile.h \
	src/queue.c src/queue.h \
	src/sink.c src/sink.h src/sink_impl.h src/sink_send.c \
	src/unread.c src/unread.h \
	src/target.c src/target.h \
	src/cache.c src/cache.h \
	src/cgroup2.c src/cgroup2.h \
	src/check.c src/check.h \
	src/connection.c src/connection.h \
	src/watch.c src/watch.h src/watch_socket.c src/watch_socket.h \
	src/watcher.c src/watcher.h src/peer.c src/peer.h src/jsontext.h \
	src/status.c src/status.h \
	src/dns_event.c src/dns_event.h src/dns_names.c src/dns_names.h \
	src/container.c src/container.h \
	src/daemon.c src/daemon_item.c src/daemon_rules.c src/daemon.h \
	src/leave.c src/leave.h \
	src/execution.c src/execution.h \
	src/opening.c src/opening.h \
	src/drop.c src/drop.h \
	src/image_text.c src/image_text.h \
	src/inflight.c src/inflight.h \
	src/instance.c src/instance.h \
	src/keep.c src/keep.h \
	src/kernel.c src/kernel_load.c src/kernel_adopt.c \
	src/kernel_ask.c src/kernel_demand.c src/kernel_readline.c src/kernel_capable.c \
	src/kernel_open.c src/kernel_escape.c src/kernel_late.c \
	src/kernel_leave.c src/kernel_pass.c src/kernel_snapshot.c \
	src/kernel.h src/kernel_impl.h \
	src/cmdline.c src/cmdline.h \
	src/known.c src/known.h \
	src/lineage.c src/lineage_walk.c src/lineage_impl.h src/lineage.h \
	src/procfs.c src/procfs.h \
	src/report.c src/report.h
nodist_src_libpidtree_a_SOURCES = src/pidtreed.skel.h

sbin_PROGRAMS += src/pidtreed
src_pidtreed_SOURCES = src/main.c
src_pidtreed_CPPFLAGS = $(src_libpidtree_a_CPPFLAGS)
src_pidtreed_LDADD = $(DAEMON_LIBS)
endif

# What only the command has.
src_libpidtree_a_SOURCES += \
	src/logfile.c src/logfile.h \
	src/loglist.c src/loglist.h \
	src/record.c src/record.h \
	src/reader.c src/reader.h \
	src/skipped.c src/skipped.h \
	src/search.c src/search.h src/search_impl.h \
	src/search_copy.c src/search_files.c src/search_find.h \
	src/search_line.c \
	src/search_keys.c src/search_keys.h \
	src/search_needle.c src/search_progress.c src/search_queue.c \
	src/search_queue.h src/search_scan.c src/search_window.c \
	src/search_work.c \
	src/lookup.c src/lookup.h src/lookup_impl.h src/lookup_options.c \
	src/lookup_run.c src/lookup_run.h src/lookup_needles.c \
	src/lookup_settle.c src/lookup_again.c src/lookup_pass.c \
	src/lookup_pass.h src/lookup_tally.c src/lookup_tally.h \
	src/lookup_tree.c src/lookup_say.c src/lookup_say.h \
	src/lookup_text.c src/lookup_json.c \
	src/lookup_siem.c \
	src/lookup_query.c src/lookup_query.h \
	src/lookup_group.c src/lookup_group.h \
	src/lookup_lineage.c src/lookup_lineage.h \
	src/lookup_aws.c src/lookup_aws.h \
	src/lookup_hosts.c src/lookup_hosts.h \
	src/lookup_counted.c src/lookup_counted.h \
	src/lookup_hidden.c src/lookup_hidden.h \
	src/lookup_series.c src/lookup_series.h src/lookup_list.h \
	src/lookup_cover.c src/lookup_cover_force.c src/lookup_cover_span.c \
	src/lookup_cover_impl.h src/lookup_cover.h \
	src/lookup_logged.c src/lookup_logged.h \
	src/lookup_light.c src/lookup_light.h \
	src/lookup_name.c src/lookup_name.h \
	src/lookup_count.c src/lookup_count.h \
	src/lookup_number.c src/lookup_number.h \
	src/lookup_once.c src/lookup_once.h \
	src/lookup_when.c src/lookup_when.h \
	src/lookup_forwarders.c src/lookup_where.c \
	src/tail.c src/tail.h \
	src/glyph.c src/glyph.h \
	src/term.c src/term.h \
	src/headline.c src/headline.h \
	src/treeprint.c src/treeprint.h \
	src/lineprint.c src/lineprint.h \
	src/jsonprint.c src/jsonprint.h \
	src/finding.c src/finding.h src/finding_impl.h \
	src/finding_make.c src/finding_resource.c src/finding_action.c \
	src/jsonsplit.c src/jsonsplit.h src/jsonstep.c src/jsonstep.h \
	src/take.c src/take_keep.c src/take.h \
	src/option.c src/option.h \
	src/place.c src/place.h src/placeprint.c src/placeprint.h \
	src/ecs.c src/ecs.h src/cef.c src/cef.h \
	src/mmexternal.c src/mmexternal.h \
	src/export.c src/export.h \
	src/rulescmd.c src/rulescmd_test.c src/rulescmd_live.c src/rulescmd.h \
	src/show.c src/show.h \
	src/dial.c src/dial.h src/trace.c src/trace.h \
	src/status_show.c src/status_text.c src/status_metrics.c \
	src/status_show.h

# pidtree forward
src_libpidtree_a_SOURCES += \
	src/change.c src/change.h \
	src/forwarder.c src/forwarder_kind.c src/forwarder_text.c \
	src/forwarder.h src/forwarder_impl.h \
	src/rsyslogd.c src/rsyslogd_proc.c src/rsyslogd.h \
	src/forward.c src/forward_complete.c src/forward_tls.c \
	src/forward_audit.c src/forward_files.c src/forward_set.c \
	src/forward_status.c src/forward_test.c \
	src/forward.h src/forward_impl.h src/tcpconn.c src/tcpconn.h

# pidtree act
src_libpidtree_a_SOURCES += \
	src/act.c src/act_input.c src/act_event.c src/act_give.c \
	src/act_process.c src/act_spare.c src/act_job.c src/act_spawn.c \
	src/act_say.c src/act.h src/act_impl.h

bin_PROGRAMS += src/pidtree
src_pidtree_SOURCES = src/pidtree.c
src_pidtree_LDADD = $(COMMAND_LIBS)
