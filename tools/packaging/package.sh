#!/usr/bin/env bash
# Makes one Debian package out of what build.sh has published. Called by build.sh package; every file's time is that of the commit, so that the
# same commit gives the same bytes.
#   package.sh device|tools RID PUBLISHED_FOLDER TARGET_FOLDER
set -euo pipefail
umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
kind=$1 rid=$2 from=$3 to=$4
case $rid in linux-x64) arch=amd64 ;; linux-arm64) arch=arm64 ;; *) echo "package.sh: no Debian architecture is known for $rid" >&2; exit 2 ;; esac
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC

# The version is that of Directory.Build.props; a commit that does not carry its tag comes before it, and after earlier commits.
release=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")
version=${EDGEROUTE_VERSION:-$release}
if [ -z "${EDGEROUTE_VERSION:-}" ] && ! git -C "$root" describe --exact-match --match "v$release" HEAD >/dev/null 2>&1; then
  version=$release~git$(git -C "$root" rev-list --count HEAD).$(git -C "$root" rev-parse --short=8 HEAD)
fi
name=edgeroute
[ "$kind" = device ] || name=edgeroute-tools
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# Names of build.sh's own list, as a Depends line has them: a|b becomes a | b.
needs() { printf '%s\n' "$@" | sed 's/|/ | /g' | paste -sd, | sed 's/,/, /g'; }
eval "$(grep -E '^debs_(run|wish)=' "$root/build.sh")"

# The oldest C library that has every symbol version the binaries ask for.
glibc() { readelf -VW "$@" 2>/dev/null | grep -oE 'GLIBC_2\.[0-9]+' | sort -Vu | tail -1 | cut -d_ -f2; }

# A man page is written by the program itself, which an x64 machine runs of its own kind only.
runner() { if [ "$rid" = "$(published_here)" ]; then echo "$1"; else echo "$root/out/$(published_here)/$(basename "$1")"; fi; }
published_here() { case $(uname -m) in aarch64 | arm64) echo linux-arm64 ;; *) echo linux-x64 ;; esac; }

documents() {
  local doc=$tree/usr/share/doc/$name place=$1
  mkdir -p "$doc"
  python3 "$here/sbom.py" "$place" "$version" "$SOURCE_DATE_EPOCH" >"$doc/sbom.cdx.json"
  python3 "$here/copyright.py" "$doc/sbom.cdx.json" <"$here/copyright" >"$doc/copyright"
  {
    printf '%s (%s) unstable; urgency=medium\n\n' "$name" "$version"
    git -C "$root" log -1 --format=%s | fold -s -w 72 | sed '1s/^/  * /; 2,$s/^/    /; s/ *$//'
    printf '\n -- EdgeRoute <edgeroute@localhost.localdomain>  %s\n' "$(date -u -R -d "@$SOURCE_DATE_EPOCH")"
  } | gzip -9n >"$doc/changelog.gz"
}

device() {
  local lib=$tree/usr/lib/edgeroute share=$tree/usr/share/edgeroute
  mkdir -p "$lib" "$tree/usr/bin" "$share/packs" "$tree/usr/lib/systemd/system" "$tree/usr/lib/sysusers.d" "$tree/usr/lib/tmpfiles.d" \
    "$tree/usr/lib/udev/rules.d" "$tree/usr/share/man/man8" "$tree/usr/share/bash-completion/completions" "$share/configs"
  install -m 0755 "$from/edgerouted" "$lib/edgerouted"
  find "$from" -maxdepth 1 -name 'lib*.so*' -exec install -m 0644 {} "$lib/" \;
  ln -s ../lib/edgeroute/edgerouted "$tree/usr/bin/edgerouted"
  install -m 0755 "$here/config-start" "$lib/config-start"
  install -m 0644 "$here/jetson.conf" "$lib/jetson.conf"
  install -m 0644 "$root/device-configs/edgeroute.service" "$tree/usr/lib/systemd/system/"
  install -m 0644 "$here/sysusers.conf" "$tree/usr/lib/sysusers.d/edgeroute.conf"
  install -m 0644 "$here/tmpfiles.conf" "$tree/usr/lib/tmpfiles.d/edgeroute.conf"
  install -m 0644 "$root/device-configs/99-edgeroute.rules" "$tree/usr/lib/udev/rules.d/60-edgeroute.rules"
  install -m 0644 "$here/device.yaml" "$share/device.yaml"
  cp -r "$root/models/shapes" "$share/packs/shapes"
  install -m 0644 "$root/models/pack.schema.json" "$share/"
  install -m 0644 "$root/device-configs/device.schema.json" "$share/"
  mkdir -p "$share/grafana"
  install -m 0644 "$root"/device-configs/grafana/* "$share/grafana/"
  install -m 0644 "$root"/device-configs/*.yaml "$root"/device-configs/examples/*.yaml "$share/configs/"
  sed -i '1s:=.*:=/usr/share/edgeroute/device.schema.json:' "$share"/configs/*.yaml
  install -m 0644 "$here/edgerouted.bash" "$tree/usr/share/bash-completion/completions/edgerouted"
  documents device
  install -m 0644 "$root/device-configs/README.md" "$tree/usr/share/doc/edgeroute/configs.md"
  install -m 0644 "$root/device-configs/INSTALL.md" "$root/SECURITY.md" "$tree/usr/share/doc/edgeroute/"
  python3 "$here/man.py" "$(runner "$from/edgerouted")" edgerouted 8 "$version" "$SOURCE_DATE_EPOCH" | gzip -9n >"$tree/usr/share/man/man8/edgerouted.8.gz"
}

tools() {
  local lib=$tree/usr/lib/edgeroute-tools
  mkdir -p "$lib" "$tree/usr/bin" "$tree/usr/share/man/man1" "$tree/usr/share/bash-completion/completions" \
    "$tree/usr/share/zsh/vendor-completions" "$tree/usr/share/fish/vendor_completions.d"
  cp -r "$from/." "$lib/"
  find "$lib" -name '*.pdb' -delete
  find "$lib" -type f -exec chmod 0644 {} +
  chmod 0755 "$lib/edgeroute"
  ln -s ../lib/edgeroute-tools/edgeroute "$tree/usr/bin/edgeroute"
  documents laptop
  local edgeroute
  edgeroute=$(runner "$from/edgeroute")
  "$edgeroute" completion bash >"$tree/usr/share/bash-completion/completions/edgeroute"
  "$edgeroute" completion zsh >"$tree/usr/share/zsh/vendor-completions/_edgeroute"
  "$edgeroute" completion fish >"$tree/usr/share/fish/vendor_completions.d/edgeroute.fish"
  python3 "$here/man.py" "$edgeroute" edgeroute 1 "$version" "$SOURCE_DATE_EPOCH" | gzip -9n >"$tree/usr/share/man/man1/edgeroute.1.gz"
}

control() {
  local text needs_libc=$1
  mkdir -p "$tree/DEBIAN"
  text=$(cat "$here/$kind/control")
  text=${text//@VERSION@/$version}
  text=${text//@ARCH@/$arch}
  text=${text//@GLIBC@/$needs_libc}
  text=${text//@NEEDS@/$(needs "${debs_run[@]}")}
  text=${text//@WISHES@/$(needs "${debs_wish[@]}")}
  printf '%s\n' "${text//@SIZE@/$(du -sk --apparent-size --exclude=DEBIAN "$tree" | cut -f1)}" >"$tree/DEBIAN/control"
  for script in postinst prerm postrm; do
    [ ! -e "$here/$kind/$script" ] || install -m 0755 "$here/$kind/$script" "$tree/DEBIAN/$script"
  done
  mkdir -p "$tree/usr/share/lintian/overrides"
  install -m 0644 "$here/$kind/lintian-overrides" "$tree/usr/share/lintian/overrides/$name"
  (cd "$tree" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  chmod 0644 "$tree/DEBIAN/control" "$tree/DEBIAN/md5sums"
}

"$kind"
find "$tree" -type f \( -name '*.so*' -o -name edgerouted -o -name edgeroute -o -name createdump \) -print0 >"$tree.elves"
mapfile -d '' elves <"$tree.elves"
rm -f "$tree.elves"
control "$(glibc "${elves[@]}")"
find "$tree" -type d -exec chmod 0755 {} +
find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$to"
# One thread: more of them cut the data elsewhere, and the bytes would depend on the machine.
DPKG_DEB_THREADS_MAX=1 dpkg-deb --root-owner-group "-Z${EDGEROUTE_COMPRESSION:-xz}" --build "$tree" "$to/${name}_${version}_$arch.deb" >/dev/null
if [ "$kind" = tools ]; then
  tar -C "$tree/usr/lib" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
    --transform "s,^edgeroute-tools,edgeroute-tools_$version," -cf - edgeroute-tools | gzip -6n >"$to/edgeroute-tools_${version}_$rid.tar.gz"
fi
ls -1 "$to"/${name}_"$version"_*
