/* sha256.c - SHA-256 (FIPS 180-4) and HMAC (RFC 2104) over it. */
#include "core.h"

#include <string.h>

enum { BLOCK = 64 };

struct hash {
    uint32_t h[8];
    uint8_t block[BLOCK];
    uint64_t n; /* bytes so far */
};

static const uint32_t k[BLOCK] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static uint32_t big_endian(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void compress(uint32_t h[8], const uint8_t *block)
{
    uint32_t w[BLOCK], v[8];

    for (size_t i = 0; i < 16; i++)
        w[i] = big_endian(block + 4 * i);
    for (size_t i = 16; i < BLOCK; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7]
               + (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
    memcpy(v, h, sizeof v);
    for (size_t i = 0; i < BLOCK; i++) {
        uint32_t e = v[4], a = v[0];
        uint32_t t1 = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25))
                      + ((e & v[5]) ^ (~e & v[6])) + k[i] + w[i];
        uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22))
                      + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (size_t i = 0; i < 8; i++)
        h[i] += v[i];
}

static void begin(struct hash *x)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(x->h, start, sizeof start);
    x->n = 0;
}

static void add(struct hash *x, const void *data, size_t len)
{
    const uint8_t *at = data;

    for (size_t i = 0; i < len; i++) {
        x->block[x->n++ % BLOCK] = at[i];
        if (x->n % BLOCK == 0)
            compress(x->h, x->block);
    }
}

static void finish(struct hash *x, uint8_t digest[PF_SHA256])
{
    uint64_t bits = 8 * x->n;
    uint8_t tail[8];

    add(x, "\x80", 1);
    while (x->n % BLOCK != BLOCK - 8)
        add(x, "", 1);
    for (size_t i = 0; i < 8; i++)
        tail[i] = (uint8_t)(bits >> (56 - 8 * i));
    add(x, tail, sizeof tail);
    for (size_t i = 0; i < PF_SHA256; i++)
        digest[i] = (uint8_t)(x->h[i / 4] >> (24 - 8 * (i % 4)));
}

void pf_sha256(const void *data, size_t len, uint8_t digest[PF_SHA256])
{
    struct hash x;

    begin(&x);
    add(&x, data, len);
    finish(&x, digest);
}

void pf_hmac_sha256(const void *key, size_t key_len, char kind, const void *data, size_t len,
                    uint8_t digest[PF_SHA256])
{
    uint8_t pad[BLOCK] = {0};
    struct hash x;

    if (key_len > BLOCK)
        pf_sha256(key, key_len, pad);
    else if (key_len)
        memcpy(pad, key, key_len);
    for (size_t i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36;
    begin(&x);
    add(&x, pad, BLOCK);
    add(&x, &kind, 1);
    add(&x, data, len);
    finish(&x, digest);
    for (size_t i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    begin(&x);
    add(&x, pad, BLOCK);
    add(&x, digest, PF_SHA256);
    finish(&x, digest);
}
