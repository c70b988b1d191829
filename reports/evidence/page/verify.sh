# 1. Every file is as it was made, and no file was added.
t=$(mktemp -d)
sha256sum --check --quiet --strict SHA256SUMS && echo "files: as they were made"
find . ! -type d ! -name SHA256SUMS ! -name SHA256SUMS.sig | sed 's,^\./,,' | LC_ALL=C sort > "$t/files"
cut -c 67- SHA256SUMS | LC_ALL=C sort | cmp -s - "$t/files" && echo "files: none was added"
# 2. Each run's record is signed, and names the record before it. Where a record hands
#    over to another key, that key signs from there on.
digest() { sha256sum | cut -c 1-64; }
fingerprint() { openssl pkey -pubin -in "$1" -outform DER | tail -c 32 | digest; }
signed() { openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$1" -sigfile "$2" > /dev/null 2>&1 || { echo "NOT SIGNED: $1"; bad=1; }; }
key=public-key.pem; before=""; bad=0; count=0
for m in manifests/*.json; do
  sum=$(digest < "$m")
  grep -q "\"previous\": \"$before\"" "$m" || { echo "CHAIN BROKEN BEFORE: $m"; bad=1; }
  if grep -q '^  "lost": true' "$m"; then echo "A NEW BEGINNING, THE KEY BEFORE WAS LOST: $m"; else signed "$m" "${m%.json}.$sum.sig"; fi
  next=$(sed -n 's/^  "next": "\(.*\)",*$/\1/p' "$m")
  if [ -n "$next" ]; then printf '%b' "$next" > "$t/key-$count.pem"; key=$t/key-$count.pem; signed "$m" "${m%.json}.$sum.next.sig"; fi
  before=$sum; count=$((count + 1))
done
[ "$bad" = 0 ] && echo "chain: $count signed records, the last has the digest $before"
# 3. Whoever handed this over told you two digests by another way: compare them.
echo "digest of the list: $(digest < SHA256SUMS)"
echo "digest of the key:  $(fingerprint "$key")"
