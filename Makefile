# make, make install, make installcheck: with any PG_CONFIG, here or from a folder of your own (make -f PATH/Makefile).
# make demo, make check, make bench, make bench-scale, make fuzz, make torture: do all the set-up on a fresh Debian;
# with PG=17, or any other of its versions of PostgreSQL, for that one. make check-releases, make deb: on others, too.
#
# Each folder of src/ is compiled as one unit, because reading the headers takes longer than compiling what is new in a file.
# UNITY=0 compiles file by file, UNITY=whole all of core/ and all of the rest, for who compiles only once; DEBUG=1 keeps the
# symbols that a debugger and a crash's backtrace need.

PG_CONFIG ?= $(if $(PG),/usr/lib/postgresql/$(PG)/bin/)pg_config
here := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))

EXTENSION = extension/barometre
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(here)/$(EXTENSION).control)
MODULE_big = barometre
upgrades := $(patsubst $(here)/sql/upgrade/%,extension/%,$(wildcard $(here)/sql/upgrade/barometre--*.sql))
DATA_built = $(EXTENSION)--$(EXTVERSION).sql $(upgrades)
DATA = $(filter-out %--$(EXTVERSION).sql,$(patsubst $(here)/%,%,$(wildcard $(here)/sql/released/*.sql)))
DOCS = $(patsubst $(here)/%,%,$(wildcard $(here)/doc/*.md))

# All that is made lies in build/, in folders like those of the sources.
sources := $(sort $(foreach depth,* */* */*/*,$(wildcard $(here)/src/$(depth)/*.cpp)))
core := $(filter $(here)/src/core/%,$(sources))
server := $(filter-out $(core),$(sources))
ifeq ($(UNITY),0)
objects = $(patsubst $(here)/%.cpp,$(1)/%.o,$(2))
else
# The largest first, so that no core is left with one at the end.
by_folder = $(addprefix $(1)/,$(addsuffix .unit.o,$(shell du -S -b $(sort $(dir $(2))) | sort -rn | sed 's,.*[[:space:]]$(here)/,,; s,/$$,,')))
ifeq ($(UNITY),whole)
objects = $(if $(filter $(server),$(2)),$(1)/server.whole.o) $(if $(filter $(core),$(2)),$(1)/core.whole.o) \
	$(if $(filter-out $(sources),$(2)),$(call by_folder,$(1),$(filter-out $(sources),$(2))))
else
objects = $(by_folder)
endif
endif
OBJS := $(call objects,build,$(sources))

# Bitcode off, before the include: PGXS compiles it without PG_CXXFLAGS, and inlining gains nothing here.
override with_llvm = no
PG_CPPFLAGS = -I$(here)/src -Ibuild -MMD -MP
# A unit includes files, which the compiler takes for headers.
unit_warnings = $(if $(filter 0,$(UNITY)),,-Wno-subobject-linkage)
# Warnings are errors where barometre is developed, and not for a compiler that a release has never met.
strict = $(if $(wildcard $(here)/.git),-Werror)
PG_CXXFLAGS = -std=c++20 -Wall -Wextra $(strict) $(unit_warnings) $(if $(DEBUG),-g,-g0)
SHLIB_LINK = -lyaml-cpp -lsimdjson -lxxhash -lz -lzstd -licuuc -lstdc++
SHLIB_EXPORTS = build/exports.txt
EXTRA_CLEAN = build

# The default project goes where barometre looks for it when nothing is set.
PROJECT = barometre.yml $(sort $(shell cd $(here) && find models seeds tests functions macros packages -type f -not -name '.*' 2>/dev/null))

scripts = check check-page check-releases clean-releases deb fuzz torture demo demo-stop demo-clean bench bench-scale lint dist release
.PHONY: $(scripts) unit bench-core FORCE

# PGXS has a target "check" of its own, and is not there yet on a fresh machine.
ifneq ($(filter $(scripts),$(MAKECMDGOALS)),)
check:
	@test/check.sh
# The page: that page/ makes it, and what it does in a browser.
check-page:
	@test/page/check.sh
# make check-releases RELEASES='trixie forky': test/releases.sh says more.
check-releases:
	@test/releases.sh
clean-releases:
	@test/releases.sh clean
deb:
	@debian/build.sh
demo:
	@demo/demo.sh
demo-stop:
	@demo/demo.sh stop
demo-clean:
	@demo/demo.sh clean
bench:
	@bench/bench.sh
bench-scale:
	@bench/scale.sh
lint:
	@test/lint.sh
# make fuzz FUZZ_SECONDS=60 FUZZ_TARGETS='csv jinja': so long for each target; test/fuzz/fuzz.sh says more.
fuzz:
	@test/fuzz/fuzz.sh
# make torture CLASSES='kill full_disk' ROUNDS=20 SEED=7: test/torture/torture.sh says more.
torture:
	@test/torture/torture.sh
# make release NEXT=0.2.0: the version that is being made becomes a release, and the next one begins.
release:
	@sql/release.sh $(NEXT)
# What git has of HEAD, and the extension's SQL, which META.json names.
dist:
	@mkdir -p build
	git archive --format tar HEAD sql | tar -xOf - --wildcards 'sql/[0-9]*.sql' >build/barometre--$(EXTVERSION).sql
	git archive --format zip --prefix=barometre-$(EXTVERSION)/extension/ --add-file=build/barometre--$(EXTVERSION).sql \
		--prefix=barometre-$(EXTVERSION)/ -o barometre-$(EXTVERSION).zip HEAD
else
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
# What another build made among the sources is not taken for this one's.
override VPATH :=
srcdir := $(here)
vpath %.control $(here)

# A unit is written only when it names other files than before, and made again only then.
.PRECIOUS: $(foreach kind,build build/sanitized build/threads build/fuzz,$(kind)/%.unit.cpp)
define write_unit
@mkdir -p $(@D)
@for file in $(abspath $(1)); do echo "#include \"$$file\""; done >$@.new
@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
endef
build/%.unit.cpp: FORCE
	$(call write_unit,$(sort $(wildcard $(here)/$*/*.cpp)))
build/sanitized/%.unit.cpp: FORCE
	$(call write_unit,$(sort $(wildcard $(here)/$*/*.cpp)))
build/fuzz/%.unit.cpp: FORCE
	$(call write_unit,$(sort $(wildcard $(here)/$*/*.cpp)))
build/core.whole.cpp build/sanitized/core.whole.cpp build/fuzz/core.whole.cpp: FORCE
	$(call write_unit,$(core))
build/server.whole.cpp: FORCE
	$(call write_unit,$(server))

build/%.o: $(here)/%.cpp
	@mkdir -p $(@D)
	$(COMPILE.cc) -o $@ $<

# Before the first compilation, which may include it; later ones know by their .d files.
build/version.h: $(here)/$(EXTENSION).control
	@mkdir -p $(@D)
	@echo '#define BAROMETRE_VERSION "$(EXTVERSION)"' >$@
$(OBJS): | build/version.h build/page_shell.h
# The page's shell, as page/ builds it, is part of the library.
build/page_shell.h: $(here)/page/barometre.html
	@mkdir -p $(@D)
	@{ echo '#include <string_view>'; printf 'inline constexpr std::string_view shell_html = R"~shell~('; cat $<; echo ')~shell~";'; } >$@
# For another server all is compiled anew.
build/server: FORCE
	@mkdir -p $(@D)
	@$(PG_CONFIG) >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(OBJS): build/server

build/exports.txt: $(here)/src/exports.txt
	@mkdir -p $(@D)
	cp $< $@

$(EXTENSION)--$(EXTVERSION).sql: $(sort $(wildcard $(here)/sql/[0-9]*.sql))
	@mkdir -p $(@D)
	cat $^ > $@
$(upgrades): extension/%: $(here)/sql/upgrade/begin.sql $(here)/sql/upgrade/% $(here)/sql/upgrade/end.sql
	@mkdir -p $(@D)
	cat $^ > $@

# Unit tests of src/core, under AddressSanitizer and UBSan, but for those of UBSan's checks that stand at each use of a
# pointer: the compiler takes twice as long with them, and most of what they see AddressSanitizer sees as well. src/core is
# compiled with -Og: it runs nearly as fast as with -O1, for which the compiler takes twice as long. The tests themselves
# need not be fast.
fuzz_targets := $(wildcard $(here)/test/fuzz/*.cpp)
unit_objects := $(call objects,build/sanitized,$(core) $(wildcard $(here)/test/unit/*/*.cpp) $(fuzz_targets))
sanitized = g++ -std=c++20 -g1 -Wall -Wextra -Werror $(unit_warnings) -fsanitize=address,undefined \
	-fno-sanitize=null,alignment,vptr,object-size,pointer-overflow -fno-sanitize-recover=all -Wshadow=compatible-local
optimized = $(if $(filter build/sanitized/test/%,$@),-O0 -include build/sanitized/gtest.h,-Og)
build/sanitized/%.o: build/sanitized/%.cpp
	$(sanitized) $(optimized) -I$(here)/src -MMD -MP -c $< -o $@
build/sanitized/%.o: $(here)/%.cpp
	@mkdir -p $(@D)
	$(sanitized) $(optimized) -I$(here)/src -MMD -MP -c $< -o $@
# What all tests include is read once.
build/sanitized/gtest.h.gch:
	@mkdir -p $(@D)
	@echo '#include <gtest/gtest.h>' >$(@:.gch=)
	$(sanitized) -O0 -x c++-header -c $(@:.gch=) -o $@
$(filter build/sanitized/test/%,$(unit_objects)): build/sanitized/gtest.h.gch
ifeq ($(UNITY),whole)
$(unit_objects): | build/sanitized/core.whole.cpp # so that it is the first to be compiled: it takes longest
endif
build/unit: $(unit_objects)
	$(sanitized) $^ -lgtest -lgtest_main -lyaml-cpp -lsimdjson -lxxhash -lz -lzstd -licuuc -lpthread -o $@
# The threads of a load, under ThreadSanitizer.
threads_sources := $(foreach part,src/core/bytes src/core/csv src/core/record src/core/text src/core/value test/threads,$(wildcard $(here)/$(part)/*.cpp))
threads_objects := $(patsubst build/%,build/threads/%,$(call by_folder,build,$(threads_sources))) build/threads/src/pg/row_packer.o \
	build/threads/src/core/json/writer.o
build/threads/%.unit.cpp: FORCE
	$(call write_unit,$(sort $(wildcard $(here)/$*/*.cpp)))
threaded = g++ -std=c++20 -O0 -g1 -Wall -Wextra -Werror -Wno-subobject-linkage -fsanitize=thread
build/threads/%.o: build/threads/%.cpp
	$(threaded) -I$(here)/src -I$(shell $(PG_CONFIG) --includedir-server) -MMD -MP -c $< -o $@
build/threads/%.o: $(here)/%.cpp
	@mkdir -p $(@D)
	$(threaded) -I$(here)/src -I$(shell $(PG_CONFIG) --includedir-server) -MMD -MP -c $< -o $@
build/threads/threads: $(threads_objects)
	$(threaded) $^ -lgtest -lgtest_main -lsimdjson -lxxhash -lz -lzstd -licuuc -lpthread -o $@

# In eight parts, two at once. Short traces of allocations and a small quarantine: the tests allocate often and much.
unit: build/unit build/threads/threads
	@build/threads/threads --gtest_brief=1
	@export ASAN_OPTIONS=malloc_context_size=4:quarantine_size_mb=16 GTEST_TOTAL_SHARDS=8; \
	seq 0 7 | xargs -P 2 -I {} env GTEST_SHARD_INDEX={} build/unit --gtest_brief=1

# What libFuzzer feeds, for test/fuzz/fuzz.sh: it is part of clang.
fuzz_objects := $(call objects,build/fuzz,$(core) $(fuzz_targets))
fuzzed = clang++ -std=c++20 -O1 -g1 -w -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all
build/fuzz/%.o: build/fuzz/%.cpp
	$(fuzzed) -fsanitize=fuzzer-no-link -I$(here)/src -MMD -MP -c $< -o $@
build/fuzz/%.o: $(here)/%.cpp
	@mkdir -p $(@D)
	$(fuzzed) -fsanitize=fuzzer-no-link -I$(here)/src -MMD -MP -c $< -o $@
build/fuzz/fuzz: $(fuzz_objects)
	$(fuzzed) -fsanitize=fuzzer $^ -lyaml-cpp -lsimdjson -lxxhash -lz -lzstd -licuuc -lpthread -o $@

# Measurements of src/core and of the row packer, without a server, of the objects that the library is made of.
# make bench-core ARGS=--benchmark_filter=read_records
bench_objects := $(patsubst $(here)/%.cpp,build/%.o,$(sort $(wildcard $(here)/bench/core/*.cpp)))
build/bench-core: $(bench_objects) $(call objects,build,$(core)) build/src/pg/row_packer.o
	g++ $^ -lbenchmark_main -lbenchmark -lyaml-cpp -lsimdjson -lxxhash -lz -lzstd -licuuc -lpthread -o $@
$(bench_objects): | google-benchmark
google-benchmark:
	@g++ -fsyntax-only -x c++ -include benchmark/benchmark.h /dev/null 2>/dev/null || \
		{ echo "make bench-core needs Google Benchmark: apt-get install libbenchmark-dev" >&2; exit 1; }
bench-core: build/bench-core
	build/bench-core $(ARGS)
.PHONY: google-benchmark

-include $(OBJS:.o=.d) $(unit_objects:.o=.d) $(threads_objects:.o=.d) $(fuzz_objects:.o=.d) $(bench_objects:.o=.d)

projectdir = $(DESTDIR)$(shell $(PG_CONFIG) --sharedir)/barometre

install: install-project
install-project:
	rm -rf '$(projectdir)'
	for file in $(PROJECT); do install -D -m 644 "$(here)/$$file" "$(projectdir)/$$file" || exit 1; done

uninstall: uninstall-project
uninstall-project:
	rm -rf '$(projectdir)'

# Pages of the same names in another language, in a folder beside: PGXS would lay them over each other.
translations = $(patsubst $(here)/doc/%,%,$(wildcard $(here)/doc/*/*.md))
translationsdir = $(DESTDIR)$(docdir)/$(docmoduledir)

install: install-translations
install-translations:
	for file in $(translations); do install -D -m 644 "$(here)/doc/$$file" "$(translationsdir)/$$file" || exit 1; done

uninstall: uninstall-translations
uninstall-translations:
	rm -f $(patsubst %,'$(translationsdir)/%',$(translations))

.PHONY: install-project uninstall-project install-translations uninstall-translations

# Against the server of the environment (PGHOST, PGPORT, PGUSER), where barometre is installed.
installcheck:
	$(here)/test/installcheck.sh
endif
