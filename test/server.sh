# Which PostgreSQL is built for and tested; sourced by bash. It is the one of PG_CONFIG, or Debian's of the major version PG, or
# else the one of the pg_config on the PATH, and where there is none the one of this Debian release.
#   PG_CONFIG      its pg_config, which is there once test/packages.sh has been called
#   server_major   its major version if it is Debian's, and empty if it is in a folder of its own
# Its programs come first on the PATH; Debian's psql is a script around them, which takes longer than most queries.
PG_CONFIG=${PG_CONFIG:-${PG:+/usr/lib/postgresql/$PG/bin/pg_config}}
PG_CONFIG=${PG_CONFIG:-$(type -P pg_config)}
[ -n "$PG_CONFIG" ] || PG_CONFIG=/usr/lib/postgresql/$(apt-cache show postgresql 2>/dev/null |
    sed -n 's/^Depends: postgresql-\([0-9]*\).*/\1/p' | head -n 1)/bin/pg_config
# A name without a folder, and the pg_config that Debian puts before those of several versions.
server_bin=$("$PG_CONFIG" --bindir 2>/dev/null) || server_bin=${PG_CONFIG%/*}
PG_CONFIG=$server_bin/pg_config
server_major=
[[ ! $server_bin =~ ^/usr/lib/postgresql/([0-9]+)/bin$ ]] || server_major=${BASH_REMATCH[1]}
case :$PATH: in :"$server_bin":*) ;; *) PATH=$server_bin:$PATH ;; esac
export PG_CONFIG PATH

# has_extension NAME [PG_CONFIG]: whether this PostgreSQL, or that one, has it to create.
has_extension() { [ -f "$("${2:-$PG_CONFIG}" --sharedir)/extension/$1.control" ]; }
