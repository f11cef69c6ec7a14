# Runs a command in an unpacked image, as a container engine would: as a user, with the capabilities Docker leaves it,
# on a read-only root, with the folder BASE read-only at /opt/ml and at its path on this machine.
# TEMPORARY is yes for a writable /tmp, else no.
# usage: unshare --mount sh enter.sh ROOT BASE USER FOLDER TEMPORARY COMMAND [ARGUMENT ...]
set -eu
root=$1 base=$2 user=$3 folder=$4 temporary=$5
shift 5

mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=755 devices "$root/dev"
for device in null zero full random urandom; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -o remount,ro "$root/dev"
if [ "$temporary" = yes ]; then mount -t tmpfs -o mode=1777 temporary "$root/tmp"; fi
mkdir -p "$root$base"
for place in /opt/ml "$base"; do
  mount --bind "$base" "$root$place"
  mount -o remount,bind,ro "$root$place"
done
mount -o remount,bind,ro "$root"

kept=+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot
exec setpriv --no-new-privs --inh-caps=-all --bounding-set="-all,$kept" \
  unshare --root="$root" --wd="$folder" --setuid "$user" --setgid "$user" -- "$@"
