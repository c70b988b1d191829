# 1. Every file is as it was made, and no file was added.
sha256sum --check --quiet --strict SHA256SUMS && echo "files: as they were made"
find . -type f ! -name SHA256SUMS ! -name SHA256SUMS.sig | sed 's,^\./,,' | LC_ALL=C sort > /tmp/pack-files
cut -c 67- SHA256SUMS | LC_ALL=C sort | cmp -s - /tmp/pack-files && echo "files: none was added"
# 2. Whoever handed this over told you these two digests by another way: compare them.
echo "digest of the list: $(sha256sum < SHA256SUMS | cut -c 1-64)"
echo "digest of the key:  $(openssl pkey -pubin -in public-key.pem -outform DER | sha256sum | cut -c 1-64)"
# 3. Each run's record is signed with that key, and names the record before it.
before=""; bad=0; count=0
for m in manifests/*.json; do
  sum=$(sha256sum < "$m" | cut -c 1-64)
  openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in "$m" -sigfile "${m%.json}.$sum.sig" > /dev/null 2>&1 || { echo "NOT SIGNED: $m"; bad=1; }
  grep -q "\"previous\": \"$before\"" "$m" || { echo "CHAIN BROKEN BEFORE: $m"; bad=1; }
  before=$sum; count=$((count + 1))
done
[ "$bad" = 0 ] && echo "chain: $count signed records, the last has the digest $before"
