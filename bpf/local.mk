# The probes: a word here, a file X.bpf.c, a row in src/kernel.c.
BPF_PROBES = fork exec exit connect pass

# The distribution's CFLAGS are for the host's compiler, not for this one.
BPFC_FLAGS = -target bpf -mcpu=v3 -O2 -g -std=gnu11 -fno-stack-protector \
	-Wall -Wextra -Wno-unused-parameter -D__bpf__ \
	-D__TARGET_ARCH_$(BPF_ARCH) -I$(srcdir)/src -I$(srcdir)/bpf 

EXTRA_DIST += bpf/kernel.h bpf/maps.h bpf/tree.h \
	bpf/fork.bpf.c bpf/exec.bpf.c bpf/exit.bpf.c bpf/connect.bpf.c bpf/pass.bpf.c

if DAEMON
BPF_OBJECTS = $(BPF_PROBES:%=bpf/%.bpf.o)

$(BPF_OBJECTS): bpf/%.bpf.o: $(srcdir)/bpf/%.bpf.c $(srcdir)/bpf/kernel.h \
		$(srcdir)/bpf/maps.h $(srcdir)/bpf/tree.h $(srcdir)/src/event.h
	$(AM_V_GEN)$(MKDIR_P) bpf && $(CLANG) $(BPFC_FLAGS) -c $< -o $@

bpf/pidtreed.bpf.o: $(BPF_OBJECTS)
	$(AM_V_GEN)$(BPFTOOL) gen object $@ $(BPF_OBJECTS)

src/pidtreed.skel.h: bpf/pidtreed.bpf.o
	$(AM_V_GEN)$(MKDIR_P) src && \
	$(BPFTOOL) gen skeleton bpf/pidtreed.bpf.o name pidtreed_bpf >$@.tmp && mv $@.tmp $@

BUILT_SOURCES += src/pidtreed.skel.h
CLEANFILES += $(BPF_OBJECTS) bpf/pidtreed.bpf.o src/pidtreed.skel.h
endif
