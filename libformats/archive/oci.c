/*
 * oci.c - an OCI image layout in a tar, whose one image has one layer: the archive as it is. What
 * pushes it (skopeo, oras) needs to know nothing of profiles, and what pulls it gets it back.
 */
#include "ar.h"

#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOB_NAME = 96, TEXT = 1024 };

static const char layout[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
static const char config[] = "{}";

static void digest_of(const void *data, size_t len, char digest[PF_ID_TEXT])
{
    uint8_t hash[PF_HASH];

    ar_sha256(data, len, hash);
    pf_id_text(hash, digest);
}

static int digest_of_file(int fd, uint64_t size, char digest[PF_ID_TEXT], struct pf_err *err)
{
    uint8_t block[64 * PF_KIB], hash[PF_HASH];
    struct sha256_ctx c;

    sha256_init(&c);
    for (uint64_t at = 0, n; at < size; at += n) {
        n = size - at < sizeof block ? size - at : sizeof block;
        if (ar_read_at(fd, block, (size_t)n, at, err) < 0)
            return -1;
        sha256_update(&c, (size_t)n, block);
    }
    sha256_digest(&c, PF_HASH, hash);
    pf_id_text(hash, digest);
    return 0;
}

static int put_blob(struct ar_writer *tar, const char *digest, const void *data, size_t len)
{
    char name[BLOB_NAME];

    snprintf(name, sizeof name, "blobs/sha256/%s", digest);
    return ar_writer_member(tar, name, data, len);
}

static int put_layer(struct ar_writer *tar, const char *digest, int fd, uint64_t size)
{
    uint8_t block[64 * PF_KIB];
    char name[BLOB_NAME];

    snprintf(name, sizeof name, "blobs/sha256/%s", digest);
    if (ar_writer_head(tar, name, size) < 0)
        return -1;
    for (uint64_t at = 0, n; at < size; at += n) {
        n = size - at < sizeof block ? size - at : sizeof block;
        if (ar_read_at(fd, block, (size_t)n, at, tar->to->err) < 0
            || ar_writer_data(tar, block, (size_t)n) < 0)
            return -1;
    }
    return 0;
}

static int put_layout(struct ar_writer *tar, int fd, uint64_t size)
{
    char layer[PF_ID_TEXT], empty[PF_ID_TEXT], image[PF_ID_TEXT], manifest[TEXT], index[TEXT];

    digest_of(config, sizeof config - 1, empty);
    if (digest_of_file(fd, size, layer, tar->to->err) < 0)
        return -1;
    int n = snprintf(manifest, sizeof manifest,
                     "{\"schemaVersion\":2,"
                     "\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                     "\"artifactType\":\"application/vnd.profpipe.archive.v1\","
                     "\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\","
                     "\"digest\":\"sha256:%s\",\"size\":%zu},"
                     "\"layers\":[{\"mediaType\":\"application/vnd.profpipe.archive.v1.tar+zstd\","
                     "\"digest\":\"sha256:%s\",\"size\":%" PRIu64 ",\"annotations\":"
                     "{\"org.opencontainers.image.title\":\"profiles.tar.zst\"}}]}",
                     empty, sizeof config - 1, layer, size);
    digest_of(manifest, (size_t)n, image);
    int m = snprintf(index, sizeof index,
                     "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":"
                     "\"application/vnd.oci.image.manifest.v1+json\","
                     "\"digest\":\"sha256:%s\",\"size\":%d}]}",
                     image, n);
    /* With its folders: those that skopeo has to think of itself it gives to root, which only root
     * can. */
    if (ar_writer_member(tar, "oci-layout", layout, sizeof layout - 1) < 0
        || ar_writer_member(tar, "index.json", index, (size_t)m) < 0
        || ar_writer_head(tar, "blobs/", 0) < 0 || ar_writer_head(tar, "blobs/sha256/", 0) < 0
        || put_blob(tar, empty, config, sizeof config - 1) < 0
        || put_blob(tar, image, manifest, (size_t)n) < 0 || put_layer(tar, layer, fd, size) < 0)
        return -1;
    return ar_writer_close(tar);
}

int ar_write_oci(struct pf_build *b, int64_t mtime, struct ar_to *to)
{
    struct ar_to inner = {.fd = ar_temp(to->err), .err = to->err};
    struct ar_writer tar = {0};
    struct stat st;
    int rc = -1;

    if (inner.fd < 0)
        return -1;
    if (ar_write_tar(b, mtime, &inner) == 0) {
        if (fstat(inner.fd, &st) < 0)
            pf_fail(to->err, PF_EIO, "cannot read a temporary file");
        else if (ar_writer_open(&tar, PF_ARCHIVE_OCI, to, mtime) == 0)
            rc = put_layout(&tar, inner.fd, (uint64_t)st.st_size);
        ar_writer_drop(&tar);
    }
    close(inner.fd);
    return rc;
}
