#!/bin/sh
# Build the image where no Docker engine is at hand: Debian's buildah with chroot isolation, over a base that
# debootstrap makes of Debian's own packages. As root, on Debian with buildah, netavark and debootstrap:
#   docker/build-without-engine.sh [NAME]
#
# What was fetched once is kept in $EJIA_CACHE (else ~/.cache/ejia): the base and the wheels, 0.7 GB.
# Wheels are fetched by this machine's own pip, with its mirrors, proxies and certificates; the build needs none.
# $EJIA_PYTHON: a python with pip (else .venv's); $EJIA_DEBIAN_MIRROR: a mirror of Debian.
set -eu

name=${1:-localhost/ejia}
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
cache=${EJIA_CACHE:-$HOME/.cache/ejia}
python=${EJIA_PYTHON:-$here/.venv/bin/python}
mirror=${EJIA_DEBIAN_MIRROR:-http://deb.debian.org/debian}
base=localhost/ejia-base:bookworm

mkdir -p "$cache"
if ! [ -f "$cache/base.tar" ]; then
    echo "Making the base from $mirror"
    scratch=$(mktemp -d "$cache/base.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    debootstrap --variant=minbase bookworm "$scratch/root" "$mirror" > "$scratch/log" 2>&1 \
        || { tail -n 20 "$scratch/log" >&2; exit 1; }
    # As in Debian's slim image: no documentation, no other languages, no archives of packages.
    root=$scratch/root
    printf 'path-exclude /usr/share/%s/*\n' doc man info locale lintian > "$root/etc/dpkg/dpkg.cfg.d/slim"
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/cache/apt/*.bin "$root"/var/lib/apt/lists/* \
        "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/info/* "$root"/usr/share/locale/* \
        "$root"/var/log/*.log
    tar -C "$root" --exclude=./dev -cf "$scratch/base.tar" .
    mv "$scratch/base.tar" "$cache/base.tar"
    rm -rf "$scratch"
    trap - EXIT
fi

lock=$(sha256sum "$here/requirements.txt" | cut -c1-16)
if ! [ -d "$cache/wheels-$lock" ]; then
    echo "Fetching the wheels of the lock"
    rm -rf "$cache"/wheels-*
    "$python" "$here/docker/fetch.py" "$here/requirements.txt" 3.11 "$cache/wheels.part"
    mv "$cache/wheels.part" "$cache/wheels-$lock"
fi

if ! buildah inspect --type image "$base" > /dev/null 2>&1; then
    container=$(buildah from scratch)
    buildah add -q "$container" "$cache/base.tar" / > /dev/null
    buildah config --cmd /bin/sh "$container"
    buildah commit -q --rm "$container" "$base" > /dev/null
fi

exec buildah bud -q --isolation chroot --format docker --layers \
    --build-arg "BASE=$base" --build-arg PIP_INDEX_URL= --build-arg PIP_NO_INDEX=1 --build-arg PIP_FIND_LINKS=/wheels \
    --volume "$cache/wheels-$lock:/wheels:ro" \
    --ignorefile "$here/docker/Dockerfile.dockerignore" \
    -f "$here/docker/Dockerfile" -t "$name" "$here"
