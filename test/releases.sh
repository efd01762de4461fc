#!/usr/bin/env bash
# make check-releases: the build, every test, the demo and the Debian packages on releases of Debian, each with its own
# PostgreSQL and compiler. What is tested is the tree as it is; packages are made of what make dist packs, which is HEAD.
# Each is a system in a folder, .releases/NAME, which debootstrap makes the first time, from the mirror that this machine
# has its packages from. It stays for the next time, as its tests' logs do; make clean-releases removes it.
#
#   RELEASES='trixie forky'   which ones; all of them if not said
#   OLDER=bookworm            of which release the PostgreSQL comes that test/t/major.sh upgrades from
set -uo pipefail
cd "$(dirname "$0")/.."
folder=$PWD/.releases
older=${OLDER:-bookworm}
passed=0 failed=0

# Each system is entered in namespaces of its own: what was mounted and begun there ends with them, also when interrupted.
enter() { # NAME COMMAND...
    unshare --mount --pid --fork --kill-child bash -c '
        mount --make-rprivate / && mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/dev/shm" &&
            mount -t devpts -o newinstance,ptmxmode=0666 devpts "$0/dev/pts" || exit 1
        exec chroot "$0" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
    ' "$folder/$1" "${@:2}" </dev/null
}

if [ "${1:-}" = clean ]; then
    # A device in there is none of this machine's, but a mount would be.
    if grep -qF " $folder/" /proc/mounts; then echo "Something is mounted in $folder:"; grep -F " $folder/" /proc/mounts; exit 1; fi
    rm -rf --one-file-system "$folder"
    exit
fi

skip_all() { echo "skipped: $1"; printf '\n0 passed, 0 failed, 1 skipped\n'; exit 0; }
[ "$(id -u)" = 0 ] || skip_all "to make systems in folders takes root"
unshare --mount --pid --fork true 2>/dev/null || skip_all "this machine lets nobody mount"
mkdir -p "$folder"
mknod "$folder/probe" c 1 3 2>/dev/null && { : >"$folder/probe"; } 2>/dev/null || { rm -f "$folder/probe"; skip_all "this machine lets nobody make devices"; }
rm -f "$folder/probe"
test/packages.sh debootstrap unzip || exit 1
mirror=$(. /etc/os-release && apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v "name=$VERSION_CODENAME" '$1 == "Debian" && $2 == name && $3 == "main" { print $4; exit }')
[ -n "$mirror" ] || skip_all "this machine has no packages of Debian's, so that no mirror is known"

make_system() { # RELEASE [FOLDER]
    local root=$folder/${2:-$1} script=$1
    rm -rf --one-file-system "$root"
    [ -e "/usr/share/debootstrap/scripts/$1" ] || script=sid # one that is younger than debootstrap
    debootstrap --variant=minbase "$1" "$root" "$mirror" "$script" || return 1
    # A mirror may be a copy of one day; who signed its lists is looked at as ever.
    echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/50barometre"
    if [ "$1" != "$older" ]; then # whose packages come only if this release has none of that name
        echo "deb $mirror $older main" >"$root/etc/apt/sources.list.d/older.list"
        printf 'Package: *\nPin: release n=%s\nPin-Priority: 100\n' "$older" >"$root/etc/apt/preferences.d/older"
    fi
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # no service begins by itself
    chmod 755 "$root/usr/sbin/policy-rc.d"
    enter "${2:-$1}" apt-get update -qq && touch "$root/made"
}

# The tree as it is here, with what git would take; what was built there stays. A file that is another than there is new
# there, however old it is here: what was built meanwhile was built without it.
copy_tree() { # NAME
    local tree=$folder/$1/src new=$folder/$1/src.new file
    rm -rf "$new"
    mkdir -p "$tree" "$new"
    git ls-files -z --cached --others --exclude-standard |
        while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
        tar -cf - --null -T - | tar -xmf - -C "$new" --no-same-owner || return 1
    while IFS= read -r -d '' file; do
        ! cmp -s "$new/$file" "$tree/$file" || touch -r "$tree/$file" "$new/$file"
    done < <(cd "$new" && find . -type f -print0)
    for file in build .demo; do [ ! -e "$tree/$file" ] || mv "$tree/$file" "$new/"; done
    rm -rf "$tree"
    mv "$new" "$tree"
}

# What is done there, step by step.
check_release() { # NAME
    local name=$1 major from=
    [ -e "$folder/$name/made" ] || make_system "$name" || return 1
    copy_tree "$name" || return 1
    major=$(enter "$name" apt-cache show postgresql | sed -n 's/^Depends: postgresql-\([0-9]*\).*/\1/p' | sort -n | tail -n 1)
    if [ "$name" != "$older" ]; then
        from=$(enter "$name" apt-cache madison postgresql | sed -n "s/^ *postgresql | \([0-9]*\)+.* $older\/main .*/\1/p" | head -n 1)
        enter "$name" bash -c "cd /src && PG=$from test/packages.sh && mkdir -p /older &&
            make -s -C /older -f /src/Makefile -j$(nproc) PG=$from && make -s -C /older -f /src/Makefile PG=$from install" || return 1
    fi
    # As where barometre is developed, warnings are errors.
    enter "$name" bash -c "cd /src && PG=$major test/packages.sh && make check PG=$major strict=-Werror && make demo PG=$major; status=\$?; make demo-clean; exit \$status"
}

# Packages of the zip that a release is, as they are made there; installed where nothing else was, used, and purged.
check_packages() { # NAME
    local name=$1 clean=$1.clean zip left
    make -s dist || return 1
    zip=$(echo barometre-*.zip)
    rm -rf "$folder/$name/package"
    mkdir "$folder/$name/package"
    unzip -q -d "$folder/$name/package" "$zip" || return 1
    enter "$name" bash -c "cd /package/barometre-* && make deb" || return 1
    make_system "$name" "$clean" || return 1
    cp "$folder/$name/package/"*-barometre_*.deb debian/tests/use "$folder/$clean/root/"
    enter "$clean" bash -c 'mkdir -p /etc/postgresql-common/createcluster.d && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/none.conf
        apt-get install -y -qq --no-install-recommends /root/*.deb && touch /root/installed && /root/use &&
        apt-get purge -y -qq "postgresql-*-barometre"' || return 1
    left=$(find "$folder/$clean" -xdev -iname '*barometre*' -not -path "*/root/*" -not -path '*/var/cache/*' -not -name 50barometre)
    [ -z "$left" ] || { echo "A purge leaves: $left"; return 1; }
}

for name in ${RELEASES:-bookworm trixie forky}; do
    began=$SECONDS
    printf '%-10s' "$name"
    if { check_release "$name" && check_packages "$name"; } >"$folder/$name.log" 2>&1; then
        passed=$((passed + 1))
        echo "$(sed -n 's/^\([0-9]* passed, .*\)/\1/p' "$folder/$name.log" | tail -n 1); the demo runs; packages are made, installed, used, purged; $((SECONDS - began)) s"
    else
        failed=$((failed + 1))
        echo "FAILED after $((SECONDS - began)) s; its last lines, and all of it in .releases/$name.log:"
        tail -n 30 "$folder/$name.log" | sed 's/^/    /'
    fi
done
printf '\n%s passed, %s failed\n' $passed $failed
[ $failed = 0 ]
