/* Look-ups in terms of TILE_LANES lanes (tile_lanes.h). Included once for each instruction set, as search_kernels.h, with
   TILE_NODES and TILE_WIDTH where it has fused multiply-adds: a tile is so many nodes by so many times TILE_LANES rows. */

#define LANES NAME(lanes)
#define PARTS (GNG_GROUP / TILE_LANES)
#define ROWS_SIDE_BY_SIDE 4 /* whose distances are computed together */

/* ---- distances, in the order of search.h ------------------------------------------------------------------------- */

/* The sums over every `step`-th coordinate from the first one, of some rows to a group. */
TARGET void NAME(add_squares)(const float *w, ptrdiff_t d, const float *x, const int n, ptrdiff_t first, ptrdiff_t step,
                              LANES sums[][PARTS])
{
    for (int i = 0; i < n; i++)
        for (int p = 0; p < PARTS; p++)
            sums[i][p] = NAME(all)(0.0f);
    for (ptrdiff_t k = first; k < d; k += step)
        for (int i = 0; i < n; i++) {
            LANES xk = NAME(all)(x[i * d + k]);
            for (int p = 0; p < PARTS; p++) {
                LANES diff = NAME(sub)(NAME(load)(w + k * GNG_GROUP + p * TILE_LANES), xk);
                sums[i][p] = NAME(add)(sums[i][p], NAME(mul)(diff, diff));
            }
        }
}

TARGET void NAME(add_sums)(LANES sums[][PARTS], LANES other[][PARTS], const int n)
{
    for (int i = 0; i < n; i++)
        for (int p = 0; p < PARTS; p++)
            sums[i][p] = NAME(add)(sums[i][p], other[i][p]);
}

/* The sums over every eighth coordinate from the first one, plus those from the fourth after it. */
TARGET void NAME(add_pair)(const float *w, ptrdiff_t d, const float *x, const int n, ptrdiff_t first, LANES sums[][PARTS])
{
    LANES other[ROWS_SIDE_BY_SIDE][PARTS];
    NAME(add_squares)(w, d, x, n, first, 8, sums);
    NAME(add_squares)(w, d, x, n, first + 4, 8, other);
    NAME(add_sums)(sums, other, n);
}

/* Squared distances of n rows to the nodes of a group. */
TARGET void NAME(squared_distances)(const float *w, ptrdiff_t d, const float *x, const int n, LANES sums[][PARTS])
{
    LANES odd[ROWS_SIDE_BY_SIDE][PARTS], other[ROWS_SIDE_BY_SIDE][PARTS];
    if (d < GNG_ROWS_FROM) {
        NAME(add_squares)(w, d, x, n, 0, 1, sums);
        return;
    }
    NAME(add_pair)(w, d, x, n, 0, sums);
    NAME(add_pair)(w, d, x, n, 2, other);
    NAME(add_sums)(sums, other, n);
    NAME(add_pair)(w, d, x, n, 1, odd);
    NAME(add_pair)(w, d, x, n, 3, other);
    NAME(add_sums)(odd, other, n);
    NAME(add_sums)(sums, odd, n);
}

/* Write the distances of n rows to the nodes of group g. */
TARGET void NAME(write_distances)(const gng_groups *groups, ptrdiff_t g, const float *X, const int n, float *out)
{
    LANES squared[ROWS_SIDE_BY_SIDE][PARTS];
    ptrdiff_t left = groups->n - g * GNG_GROUP;
    NAME(squared_distances)(groups->w + g * groups->d * GNG_GROUP, groups->d, X, n, squared);
    for (int i = 0; i < n; i++) {
        float rest[GNG_GROUP], *to = out + i * groups->n + g * GNG_GROUP;
        for (int p = 0; p < PARTS; p++)
            NAME(store)((left < GNG_GROUP ? rest : to) + p * TILE_LANES, NAME(root)(squared[i][p]));
        for (ptrdiff_t lane = 0; left < GNG_GROUP && lane < left; lane++)
            to[lane] = rest[lane];
    }
}

ENTRY void NAME(all_distances)(const gng_groups *groups, const float *X, ptrdiff_t n, float *out)
{
    ptrdiff_t i = 0, n_groups = gng_n_groups(groups->n);
    for (; i + ROWS_SIDE_BY_SIDE <= n; i += ROWS_SIDE_BY_SIDE)
        for (ptrdiff_t g = 0; g < n_groups; g++)
            NAME(write_distances)(groups, g, X + i * groups->d, ROWS_SIDE_BY_SIDE, out + i * groups->n);
    for (; i < n; i++)
        for (ptrdiff_t g = 0; g < n_groups; g++)
            NAME(write_distances)(groups, g, X + i * groups->d, 1, out + i * groups->n);
}

/* ---- the nearest nodes ------------------------------------------------------------------------------------------- */

#if defined(TILE_NODES)

#define ROWS (TILE_WIDTH * TILE_LANES)

/* For each row the three best groups so far: the greatest h + x.w in each, and the numbers of two. */
typedef struct {
    LANES best, second, third, group, second_group;
} NAME(ranking);

TARGET void NAME(rank)(NAME(ranking) *to, LANES score, LANES group)
{
    to->second_group = NAME(where_greater)(score, to->second, group, to->second_group);
    to->second_group = NAME(where_greater)(score, to->best, to->group, to->second_group);
    to->group = NAME(where_greater)(score, to->best, group, to->group);
    to->third = NAME(max)(to->third, NAME(min)(to->second, score));
    to->second = NAME(max)(to->second, NAME(min)(to->best, score));
    to->best = NAME(max)(to->best, score);
}

/* The greatest h + x.w of the nodes of a tile, for each row. */
TARGET void NAME(best_of_tile)(const float *w, const float *half, ptrdiff_t d, const float *columns, LANES *best)
{
    LANES score[TILE_NODES][TILE_WIDTH];
    for (int i = 0; i < TILE_NODES; i++)
        for (int j = 0; j < TILE_WIDTH; j++)
            score[i][j] = NAME(all)(half[i]);
    UNROLLED
    for (ptrdiff_t k = 0; k < d; k++) {
        LANES x[TILE_WIDTH];
        for (int j = 0; j < TILE_WIDTH; j++)
            x[j] = NAME(load)(columns + k * ROWS + j * TILE_LANES);
        for (int i = 0; i < TILE_NODES; i++) {
            LANES wk = NAME(all)(w[k * GNG_GROUP + i]);
            for (int j = 0; j < TILE_WIDTH; j++)
                score[i][j] = NAME(fma)(x[j], wk, score[i][j]);
        }
    }
    for (int j = 0; j < TILE_WIDTH; j++) {
        best[j] = score[0][j];
        for (int i = 1; i < TILE_NODES; i++)
            best[j] = NAME(max)(best[j], score[i][j]);
    }
}

/* Write coordinate k of row i to columns[k * ROWS + i]; rows that are missing are 0. */
TARGET void NAME(transposed_rows)(const float *X, int n, ptrdiff_t d, float *columns)
{
    ptrdiff_t whole = n == ROWS ? d - d % 4 : 0;
    for (int i = 0; whole && i < ROWS; i += 4)
        for (ptrdiff_t k = 0; k < whole; k += 4) {
            const float *x = X + i * d + k;
            __m128 a = _mm_loadu_ps(x), b = _mm_loadu_ps(x + d), c = _mm_loadu_ps(x + 2 * d), e = _mm_loadu_ps(x + 3 * d);
            _MM_TRANSPOSE4_PS(a, b, c, e);
            _mm_storeu_ps(columns + k * ROWS + i, a);
            _mm_storeu_ps(columns + (k + 1) * ROWS + i, b);
            _mm_storeu_ps(columns + (k + 2) * ROWS + i, c);
            _mm_storeu_ps(columns + (k + 3) * ROWS + i, e);
        }
    for (ptrdiff_t k = whole; k < d; k++)
        for (int i = 0; i < ROWS; i++)
            columns[k * ROWS + i] = i < n ? X[i * d + k] : 0;
}

/* Offer those nodes of a group that may be among the k nearest of a row. */
TARGET void NAME(offer_group)(const gng_groups *groups, ptrdiff_t g, const float *x, int k, gng_hit *hit)
{
    LANES distance[1][PARTS], infinite = NAME(all)(INFINITY);
    NAME(squared_distances)(groups->w + g * groups->d * GNG_GROUP, groups->d, x, 1, distance);
    LANES least = infinite;
    for (int p = 0; p < PARTS; p++) {
        LANES half = NAME(load)(groups->half + g * GNG_GROUP + p * TILE_LANES);
        distance[0][p] = NAME(where_greater)(half, NAME(all)(-INFINITY), distance[0][p], infinite);
        least = NAME(min)(least, distance[0][p]);
    }
    float bound = NAME(least_lane)(least);
    if (k == 2) {
        LANES next = infinite;
        for (int p = 0; p < PARTS; p++)
            next = NAME(min)(next, NAME(where_greater)(distance[0][p], NAME(all)(bound), distance[0][p], infinite));
        bound = NAME(least_lane)(next);
    }
    LANES wanted = NAME(all)(smaller(bound, hit->d2));
    float lanes[GNG_GROUP];
    unsigned near = 0;
    for (int p = 0; p < PARTS; p++) {
        NAME(store)(lanes + p * TILE_LANES, distance[0][p]);
        near |= NAME(le)(distance[0][p], wanted) << (p * TILE_LANES);
    }
    for (; near; near &= near - 1) {
        int lane = lowest_bit(near);
        offer(hit, lanes[lane], (int32_t)(g * GNG_GROUP + lane));
    }
}

/* What the filter says of one row: |x|^2, its two best groups, and the scores of the second and the third. */
typedef struct {
    float size, second, third;
    ptrdiff_t group, second_group;
} NAME(verdict);

/* Find the k nearest nodes of a row, and return whether they are certain. */
TARGET int NAME(settle)(const gng_groups *groups, const gng_certificate *certificate, const float *x, int k,
                        const NAME(verdict) *of, gng_hit *hit)
{
    forget(hit);
    NAME(offer_group)(groups, of->group, x, k, hit);
    if (k == 1 && gng_beyond(certificate, of->size, of->second, hit->d1))
        return 1;
    if (of->second > -INFINITY)
        NAME(offer_group)(groups, of->second_group, x, k, hit);
    return gng_beyond(certificate, of->size, of->third, k == 1 ? hit->d1 : hit->d2);
}

ENTRY uint32_t NAME(nearest)(const gng_groups *groups, const float *X, int n, int k, float *work, gng_hit *hits)
{
    const ptrdiff_t d = groups->d, n_groups = gng_n_groups(groups->n);
    const LANES zero = NAME(all)(0.0f), none = NAME(all)(-INFINITY);
    NAME(ranking) ranking[TILE_WIDTH];
    float size[ROWS], second[ROWS], third[ROWS], group[ROWS], second_group[ROWS];
    NAME(transposed_rows)(X, n, d, work);
    for (int j = 0; j < TILE_WIDTH; j++)
        ranking[j] = (NAME(ranking)){none, none, none, zero, zero};
    for (ptrdiff_t g = 0; g < n_groups; g++) {
        LANES score[TILE_WIDTH], best[TILE_WIDTH];
        for (int i = 0; i < GNG_GROUP; i += TILE_NODES) {
            NAME(best_of_tile)(groups->w + g * d * GNG_GROUP + i, groups->half + g * GNG_GROUP + i, d, work, best);
            for (int j = 0; j < TILE_WIDTH; j++)
                score[j] = i ? NAME(max)(score[j], best[j]) : best[j];
        }
        for (int j = 0; j < TILE_WIDTH; j++)
            NAME(rank)(&ranking[j], score[j], NAME(all)((float)g));
    }
    for (int j = 0; j < TILE_WIDTH; j++) {
        LANES sum = zero;
        for (ptrdiff_t c = 0; c < d; c++) {
            LANES x = NAME(load)(work + c * ROWS + j * TILE_LANES);
            sum = NAME(fma)(x, x, sum);
        }
        NAME(store)(size + j * TILE_LANES, sum);
        NAME(store)(second + j * TILE_LANES, ranking[j].second);
        NAME(store)(third + j * TILE_LANES, ranking[j].third);
        NAME(store)(group + j * TILE_LANES, ranking[j].group);
        NAME(store)(second_group + j * TILE_LANES, ranking[j].second_group);
    }
    const gng_certificate certificate = gng_certificate_of(groups);
    uint32_t uncertain = 0;
    for (int i = 0; i < n; i++) {
        NAME(verdict) of = {size[i], second[i], third[i], (ptrdiff_t)group[i], (ptrdiff_t)second_group[i]};
        if (!NAME(settle)(groups, &certificate, X + i * d, k, &of, hits + i))
            uncertain |= (uint32_t)1 << i;
    }
    return uncertain;
}

#undef ROWS
#endif

#undef LANES
#undef PARTS
#undef ROWS_SIDE_BY_SIDE
#undef TILE_LANES
