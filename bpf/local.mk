# The probes: a word here, a file X.bpf.c, a row in src/kernel.c.
BPF_PROBES = fork exec exit execlog readline open escape capable connect bind udp \
	packet dns pass ask snapshot

# The distribution's CFLAGS are for the host's compiler, not for this one.
BPFC_FLAGS = -target bpf -mcpu=v3 -O2 -g -std=gnu11 -fno-stack-protector \
	-Wall -Wextra -Wno-unused-parameter -D__bpf__ \
	-D__TARGET_ARCH_$(BPF_ARCH) -Isrc -Ibpf $(BPF_CFLAGS) $(BPF_INCLUDE) \
	-fdebug-compilation-dir=. -ffile-prefix-map=$(abs_srcdir)=. \
	$(BPFCFLAGS)

EXTRA_DIST += bpf/kernel.h bpf/maps.h bpf/record.h bpf/bury.h bpf/tree.h \
	bpf/splice.h bpf/dentry.h bpf/path.h bpf/image.h bpf/ring.h bpf/filter.bpf.h \
	bpf/caller.h bpf/userns.h bpf/attempt.h bpf/ending.h bpf/marked.h \
	bpf/storm.h bpf/doing.h bpf/often.h bpf/syscall.h bpf/opencall.h \
	bpf/opened.h bpf/apart.h bpf/watched.h bpf/session.h bpf/quic.h \
	bpf/listen.h bpf/accept.h bpf/dns.h bpf/dnsname.h \
	bpf/dnsowner.h bpf/udp.h bpf/leave.h \
	$(BPF_PROBES:%=bpf/%.bpf.c)

if DAEMON
BPF_OBJECTS = $(BPF_PROBES:%=bpf/%.bpf.o)

bpf_v = $(bpf_v_@AM_V@)
bpf_v_ = $(bpf_v_@AM_DEFAULT_V@)
bpf_v_0 = @echo "  BPF     " $@;

# Compiled from the top of the sources, so that line information names files
# as bpf/x.bpf.c and quotes them, and is the same wherever the build is.
# What each one includes is noted beside it; VPATH finds it.
$(BPF_OBJECTS): bpf/%.bpf.o: bpf/%.bpf.c
	$(bpf_v)$(MKDIR_P) bpf && out=`pwd`/bpf/$* && cd $(srcdir) && \
	$(CLANG) $(BPFC_FLAGS) -MMD -MP -MF $$out.bpf.d -MT $@ \
		-c bpf/$*.bpf.c -o $$out.bpf.o
-include $(BPF_PROBES:%=bpf/%.bpf.d)

bpf/pidtreed.bpf.o: $(BPF_OBJECTS)
	$(bpf_v)$(BPFTOOL) gen object $@ $(BPF_OBJECTS)

src/pidtreed.skel.h: bpf/pidtreed.bpf.o
	$(AM_V_GEN)$(MKDIR_P) src && $(BPFTOOL) gen skeleton \
		bpf/pidtreed.bpf.o name pidtreed_bpf >$@.tmp && mv $@.tmp $@

BUILT_SOURCES += src/pidtreed.skel.h
CLEANFILES += $(BPF_OBJECTS) $(BPF_PROBES:%=bpf/%.bpf.d) \
	bpf/pidtreed.bpf.o src/pidtreed.skel.h
endif
