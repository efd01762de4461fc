# make, make install, make installcheck: with any PG_CONFIG.
# make demo, make check, make bench: do all the set-up on a fresh Debian.

PG_CONFIG ?= pg_config

EXTENSION = extension/barometre
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(EXTENSION).control)
MODULE_big = barometre
OBJS = $(patsubst %.cpp,%.o,$(sort $(wildcard src/*.cpp src/*/*.cpp src/core/*/*.cpp)))
DATA_built = $(EXTENSION)--$(EXTVERSION).sql
DOCS = $(wildcard doc/*.md)

# Bitcode off, before the include: PGXS compiles it without PG_CXXFLAGS, and inlining gains nothing here.
override with_llvm = no
PG_CPPFLAGS = -Isrc -MMD -MP
PG_CXXFLAGS = -std=c++20 -Wall -Wextra -Werror
SHLIB_LINK = -lyaml-cpp -lxxhash -lz -lzstd -licuuc -lstdc++
SHLIB_EXPORTS = src/exports.txt
EXTRA_CLEAN = $(OBJS:.o=.d) src/exports.list .build

# The default project goes where barometre looks for it when nothing is set.
PROJECT = barometre.yml $(sort $(shell find models seeds tests functions macros -type f -not -name '.*' 2>/dev/null))

.PHONY: demo demo-stop demo-clean bench unit lint dist

# PGXS has a target "check" of its own, and is not there yet on a fresh machine.
ifneq ($(filter check demo demo-stop demo-clean bench unit lint dist,$(MAKECMDGOALS)),)
.PHONY: check
check:
	@test/check.sh
else
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

-include $(OBJS:.o=.d)

$(DATA_built): $(sort $(wildcard sql/[0-9]*.sql))
	cat $^ > $@

projectdir = $(DESTDIR)$(shell $(PG_CONFIG) --sharedir)/barometre

install: install-project
install-project:
	rm -rf '$(projectdir)'
	for file in $(PROJECT); do install -D -m 644 "$$file" "$(projectdir)/$$file" || exit 1; done

uninstall: uninstall-project
uninstall-project:
	rm -rf '$(projectdir)'

.PHONY: install-project uninstall-project

# Against the server of the environment (PGHOST, PGPORT, PGUSER), where barometre is installed.
installcheck:
	test/installcheck.sh
endif

demo:
	@demo/demo.sh
demo-stop:
	@demo/demo.sh stop
demo-clean:
	@demo/demo.sh clean

# Unit tests of src/core, under AddressSanitizer and UBSan.
UNIT_SOURCES = $(sort $(wildcard src/core/*/*.cpp test/unit/*.cpp))
UNIT_OBJECTS = $(UNIT_SOURCES:%.cpp=.build/%.o)
.build/%.o: %.cpp
	@mkdir -p $(@D)
	g++ -std=c++20 -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all -Isrc -MMD -MP -c $< -o $@
.build/unit: $(UNIT_OBJECTS)
	g++ -fsanitize=address,undefined $^ -lgtest -lgtest_main -lyaml-cpp -lxxhash -lz -lzstd -licuuc -lpthread -o $@
unit: .build/unit
	.build/unit --gtest_brief=1
-include $(UNIT_OBJECTS:.o=.d)

bench:
	@bench/bench.sh

lint:
	@test/lint.sh

dist:
	git archive --format zip --prefix=barometre-$(EXTVERSION)/ -o barometre-$(EXTVERSION).zip HEAD
