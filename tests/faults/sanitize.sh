#!/usr/bin/env bash
# The suite with the core and the kernels built by gcc with AddressSanitizer and UndefinedBehaviorSanitizer: the first
# access beyond memory, use after release or undefined operation ends it. Linux; the extension is built in a temporary
# folder.
#
#   bash tests/faults/sanitize.sh                      the whole suite, and its part on the core for every other instruction set
#   bash tests/faults/sanitize.sh -k "..." FILE ...    with these arguments of pytest, once for every instruction set
#   bash tests/faults/sanitize.sh --run SCRIPT ...     a Python script with its arguments, once for every instruction set
#   bash tests/faults/sanitize.sh --leaks              tests/faults/leaks.py: nothing that we allocate may be left when it ends
#   bash tests/faults/sanitize.sh --threads ARGUMENT ...   pytest with ThreadSanitizer, which reports what threads touch
#                                                      without order; setarch -R, as it needs plain addresses
#
# Forks are left out: the sanitizer's own allocator may wait for ever in the child for a lock that it does not give back.
#
# PYTHON names the interpreter, ISAS the instruction sets ("portable" is a build without any intrinsics), BUILDS a folder
# in which what is built is kept, and taken from the next time.
set -euo pipefail
checkout=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-python3}
isas=${ISAS:-$(grep -q avx512dq /proc/cpuinfo && echo avx512 || true) $(grep -q avx2 /proc/cpuinfo && echo "avx2 sse2" || true) portable}
core=(tests/core tests/exactness tests/model/test_saved.py tests/model/test_streams.py tests/packaging/test_embedding.py)
work=${BUILDS:-$(mktemp -d)}
[ -n "${BUILDS:-}" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
cd "$checkout"

memory="-fsanitize=address,undefined -fno-sanitize-recover=all"

# build NAME FLAGS...: the package in $work/NAME. setuptools has its own -O3 after everything but what stands here.
build() {
    [ ! -d "$work/$1" ] || return 0
    printf '#!/bin/sh\nexec %s "$@" -O1 -g -fno-wrapv -fno-omit-frame-pointer %s\n' "${CC:-gcc}" "${*:2}" >"$work/cc"
    chmod +x "$work/cc"
    CC="$work/cc" LDSHARED="$work/cc -shared" "$python" setup.py -q build -f -j 2 -b "$work/temp-$1" --build-lib "$work/$1" \
        >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
}

libraries() {
    for it in "$@" libstdc++.so; do "${CC:-gcc}" -print-file-name="$it"; done | paste -sd:
}

if [ "${1:-}" = --threads ]; then
    build threads -fsanitize=thread
    env LD_PRELOAD="$(libraries libtsan.so)" PYTHONMALLOC=malloc PYTHONSAFEPATH=1 PYTHONPATH="$work/threads" \
        TSAN_OPTIONS="exitcode=0:report_signal_unsafe=0:log_path=$work/report" \
        setarch -R "$python" -m pytest -p no:cacheprovider "${@:2}"
    # the interpreter and NumPy are not built for this: only what names our modules is ours
    ! grep -l "gng_fast" "$work"/report.* 2>/dev/null || { cat "$work"/report.*; exit 1; }
    printf '== done (%d s)\n' "$SECONDS"
    exit
fi

case " $isas " in *" portable "*) build portable $memory -DGNG_PORTABLE ;; esac
case " $isas " in *" avx512 "* | *" avx2 "* | *" sse2 "* | *" neon "*) build native $memory ;; esac

# sanitized ISA COMMAND...: with the libraries of the sanitizers
leaks=0
sanitized() {
    local name=native
    [ "$1" != portable ] || name=portable
    env LD_PRELOAD="$(libraries libasan.so libubsan.so)" PYTHONMALLOC=malloc PYTHONSAFEPATH=1 PYTHONPATH="$work/$name" GNG_FAST_ISA="$1" \
        ASAN_OPTIONS=detect_leaks=$leaks:exitcode=$((1 - leaks)):allocator_may_return_null=1:detect_stack_use_after_return=1:log_path="$work/report" \
        UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:log_path="$work/report" "${@:2}" \
        || { cat "$work"/report.* 2>/dev/null; exit 1; }
}

for isa in $isas; do
    printf '== %s (%d s)\n' "$isa" "$SECONDS"
    sanitized "$isa" "$python" -c "import gng_fast.core.network as it; print(it.__file__, it.isa()); assert '$work' in it.__file__"
    if [ "${1:-}" = --leaks ]; then
        # of what the interpreter leaves behind nothing is ours
        leaks=1
        sanitized "$isa" "$python" tests/faults/leaks.py 20
        grep -q "SUMMARY: AddressSanitizer" "$work"/report.* || { echo "LeakSanitizer did not look"; exit 1; }
        ! grep -A 12 "in gng_allocate" "$work"/report.* || { echo "leaks"; exit 1; }
        leaks=0
    elif [ "${1:-}" = --run ]; then
        sanitized "$isa" "$python" "${@:2}"
    elif [ $# -gt 0 ]; then
        sanitized "$isa" "$python" -m pytest -p no:cacheprovider "$@"
    elif [ "$isa" = "${isas%% *}" ]; then
        sanitized "$isa" "$python" -m pytest -p no:cacheprovider -k "not fork"
    else
        sanitized "$isa" "$python" -m pytest -p no:cacheprovider -k "not fork" "${core[@]}"
    fi
done
printf '== done (%d s)\n' "$SECONDS"
