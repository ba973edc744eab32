/* The dense search (dense.h) in terms of sixteen lanes (sixteen.h), one for each signal of the block. Included once for each
   instruction set that has fused multiply-adds; NAME(), TARGET and ENTRY as in search_kernels.h.

   docs/dense.md derives the bounds on errors from the order of the operations here. */

#define MOST_OPEN 6        /* groups that are looked into before the threshold is known */
#define FEW_CANDIDATES 4   /* usual; more of them soon take as long as the scores */
#define MOST_CANDIDATES 48 /* with more of them one search by panels is faster */
#define LONGEST 0x1p120f   /* up to this squared length nothing here can overflow */
#define PRODUCTS_FROM 24   /* dimensions from which on scores by products are faster, */
#define MOST_D_BY_STEPS 4096
#define MOST_SINCE 8192    /* signals until lengths are computed anew: nodes only come nearer to signals, but are rounded */
#define ERROR_SHARE 0.0625f /* where their error is not above this share of the second least score */

#if defined(ISA_AVX512)
#define ROWS_AT_ONCE 16 /* accumulators; two vectors each with AVX2 */
#define NODES_AT_ONCE 8
#else
#define ROWS_AT_ONCE 4
#define NODES_AT_ONCE 4
#endif

/* ---- the block --------------------------------------------------------------------------------------------------- */

/* Write the signals side by side. */
TARGET void NAME(transpose)(gng_scores *scores)
{
    const float factor = scores->factor;
    const __m128 factors = _mm_set1_ps(factor);
    const ptrdiff_t d = scores->d, whole = d & ~(ptrdiff_t)3;
    for (int i = 0; i < GNG_BLOCK; i += 4) {
        const float *x[4];
        for (int j = 0; j < 4; j++)
            x[j] = scores->signal[i + j];
        for (ptrdiff_t k = 0; k < whole; k += 4) {
            __m128 a = _mm_loadu_ps(x[0] + k), b = _mm_loadu_ps(x[1] + k), c = _mm_loadu_ps(x[2] + k), e = _mm_loadu_ps(x[3] + k);
            _MM_TRANSPOSE4_PS(a, b, c, e);
            float *to = scores->signals + k * GNG_BLOCK + i;
            _mm_storeu_ps(to, _mm_mul_ps(a, factors));
            _mm_storeu_ps(to + GNG_BLOCK, _mm_mul_ps(b, factors));
            _mm_storeu_ps(to + 2 * GNG_BLOCK, _mm_mul_ps(c, factors));
            _mm_storeu_ps(to + 3 * GNG_BLOCK, _mm_mul_ps(e, factors));
        }
        for (ptrdiff_t k = whole; k < d; k++)
            for (int j = 0; j < 4; j++)
                scores->signals[k * GNG_BLOCK + i + j] = x[j][k] * factor;
    }
}

/* ---- lengths: what the errors depend on -------------------------------------------------------------------------- */

/* The squared lengths of four rows. */
TARGET __m128 NAME(squared_lengths)(const float *const *row, ptrdiff_t d)
{
    SIXTEEN sum[4];
    ptrdiff_t k = 0;
    for (int i = 0; i < 4; i++)
        sum[i] = NAME(all16)(0.0f);
    for (; k + 16 <= d; k += 16)
        for (int i = 0; i < 4; i++) {
            SIXTEEN v = NAME(load16)(row[i] + k);
            sum[i] = NAME(fused16)(v, v, sum[i]);
        }
    __m128 totals = NAME(totals16)(sum[0], sum[1], sum[2], sum[3]);
    for (; k < d; k++) {
        __m128 v = _mm_set_ps(row[3][k], row[2][k], row[1][k], row[0][k]);
        totals = _mm_fmadd_ps(v, v, totals);
    }
    return totals;
}

/* Write the squared lengths of up to four nodes. */
TARGET void NAME(take_norms)(gng_scores *scores, const int32_t *nodes, int n)
{
    const float *row[4];
    float norm[4];
    for (int i = 0; i < 4; i++)
        row[i] = scores->rows + nodes[i < n ? i : 0] * scores->d;
    _mm_storeu_ps(norm, NAME(squared_lengths)(row, scores->d));
    for (int i = 0; i < n && i < 4; i++)
        scores->norm[nodes[i]] = norm[i];
}

/* A signal or a node of this squared length is there too. */
TARGET void NAME(take_length)(gng_scores *scores, float square)
{
    if (!(square <= scores->longest))
        scores->longest = square <= LONGEST ? square : INFINITY; /* NaN too */
}

/* See that the lengths of all rows are known. */
TARGET void NAME(take_lengths)(gng_scores *scores)
{
    if (scores->lengths_known && scores->n_since < MOST_SINCE) {
        scores->n_since += scores->n;
        return;
    }
    scores->n_since = scores->n;
    scores->longest = 0;
    for (ptrdiff_t i = 0; i < scores->n_groups * GNG_BLOCK; i += 4) {
        const int32_t nodes[4] = {(int32_t)i, (int32_t)i + 1, (int32_t)i + 2, (int32_t)i + 3};
        NAME(take_norms)(scores, nodes, 4);
        for (int j = 0; j < 4; j++)
            NAME(take_length)(scores, scores->norm[i + j]);
    }
    scores->lengths_known = 1;
}

/* Choose how the scores are made and follow the nodes, the fastest way whose error is small beside what is searched for. */
TARGET void NAME(choose_form)(gng_scores *scores)
{
    const float d = (float)scores->d, allowed = scores->second * ERROR_SHARE;
    const float by_products = scores->longest * ((d + 8) * 0x1p-21f), by_steps = scores->longest * 0x1p-22f + d * 0x1p-96f;
    scores->by_steps = d <= MOST_D_BY_STEPS && by_steps < allowed;
    scores->by_products = d >= PRODUCTS_FROM && by_products < allowed;
    scores->error = 0x1p-120f + (scores->by_steps ? by_steps : 0) + (scores->by_products ? by_products : 0);
    scores->relative = scores->by_steps ? (d + 8) * 0x1p-18f + 0x1p-10f : (d + 8) * 0x1p-21f;
    scores->factor = scores->by_products ? -2.0f : 1.0f;
}

/* ---- scores ------------------------------------------------------------------------------------------------------ */

/* Add to the sums of n rows what their coordinate k contributes for each signal. */
TARGET SIXTEEN NAME(contribution)(SIXTEEN x, float w, int by_products, SIXTEEN sum)
{
    SIXTEEN all = NAME(all16)(w), diff = NAME(sub16)(x, all);
    return by_products ? NAME(fused16)(x, all, sum) : NAME(fused16)(diff, diff, sum);
}

/* The sums of ROWS_AT_ONCE rows one after the other. Few pointers, so that all of them stay in registers. */
TARGET void NAME(sum_rows)(const float *w, ptrdiff_t d, const float *signals, int by_products, SIXTEEN *sum)
{
    const float *four[ROWS_AT_ONCE / 4];
    for (int i = 0; i < ROWS_AT_ONCE / 4; i++)
        four[i] = w + 4 * i * d;
    const ptrdiff_t d3 = 3 * d;
    for (ptrdiff_t k = 0; k < d; k++) {
        SIXTEEN x = NAME(load16)(signals + k * GNG_BLOCK);
        for (int i = 0; i < ROWS_AT_ONCE; i++) {
            ptrdiff_t row = i % 4 == 3 ? d3 : i % 4 * d;
            sum[i] = NAME(contribution)(x, four[i / 4][row + k], by_products, sum[i]);
        }
    }
}

/* Score the rows of a group, whether there are nodes in them or not. Not a number counts as infinitely far. */
TARGET void NAME(score_group)(gng_scores *scores, ptrdiff_t group, ptrdiff_t d, int by_products)
{
    const SIXTEEN infinite = NAME(all16)(INFINITY), square = NAME(load16)(scores->square);
    SIXTEEN least = infinite;
    for (ptrdiff_t i = group * GNG_BLOCK; i < (group + 1) * GNG_BLOCK; i += ROWS_AT_ONCE) {
        SIXTEEN sum[ROWS_AT_ONCE];
        for (int j = 0; j < ROWS_AT_ONCE; j++)
            sum[j] = NAME(all16)(by_products ? scores->norm[i + j] : 0.0f);
        NAME(sum_rows)(scores->rows + i * d, d, scores->signals, by_products, sum);
        for (int j = 0; j < ROWS_AT_ONCE; j++) {
            sum[j] = NAME(min16)(by_products ? NAME(add16)(sum[j], square) : sum[j], infinite);
            NAME(store16)(scores->score + (i + j) * GNG_BLOCK, sum[j]);
            least = NAME(min16)(least, sum[j]);
        }
    }
    NAME(store16)(scores->least + group * GNG_BLOCK, least);
}

/* Nodes are missing in a group: their scores become infinite. */
TARGET void NAME(leave_out)(gng_scores *scores, ptrdiff_t group)
{
    const SIXTEEN infinite = NAME(all16)(INFINITY);
    SIXTEEN least = infinite;
    for (int i = 0; i < GNG_BLOCK; i++) {
        float *score = scores->score + (group * GNG_BLOCK + i) * GNG_BLOCK;
        if (!(scores->live[group] >> i & 1))
            NAME(store16)(score, infinite);
        least = NAME(min16)(least, NAME(load16)(score));
    }
    NAME(store16)(scores->least + group * GNG_BLOCK, least);
}

TARGET void NAME(score_groups)(gng_scores *scores, ptrdiff_t d, int by_products)
{
    for (ptrdiff_t group = 0; group < scores->n_groups; group++) {
        NAME(score_group)(scores, group, d, by_products);
        if (scores->live[group] != 0xffff)
            NAME(leave_out)(scores, group);
    }
}

/* See that there are so many groups; there are no nodes in new ones yet, and after the last one, as far as `find` may look. */
TARGET void NAME(open_groups)(gng_scores *scores, ptrdiff_t n_groups)
{
    const SIXTEEN infinite = NAME(all16)(INFINITY);
    for (ptrdiff_t group = scores->n_groups; group < n_groups; group++) {
        NAME(store16)(scores->norm + group * GNG_BLOCK, NAME(all16)(0.0f));
        for (int i = 0; i < GNG_BLOCK; i++)
            NAME(store16)(scores->score + (group * GNG_BLOCK + i) * GNG_BLOCK, infinite);
    }
    for (ptrdiff_t group = scores->n_groups; group < n_groups || group % GNG_BLOCK; group++)
        NAME(store16)(scores->least + group * GNG_BLOCK, infinite);
    scores->n_groups = n_groups;
}

/* The squared distances between the signals of the block. */
TARGET void NAME(take_distances_between)(gng_scores *scores)
{
    const float *signals = scores->signals;
    const SIXTEEN scale = NAME(all16)(1.0f / (scores->factor * scores->factor));
    for (int i = 0; i < scores->n; i += ROWS_AT_ONCE) {
        SIXTEEN sum[ROWS_AT_ONCE];
        for (int j = 0; j < ROWS_AT_ONCE; j++)
            sum[j] = NAME(all16)(0.0f);
        for (ptrdiff_t k = 0; k < scores->d; k++) {
            SIXTEEN x = NAME(load16)(signals + k * GNG_BLOCK);
            for (int j = 0; j < ROWS_AT_ONCE; j++)
                sum[j] = NAME(contribution)(x, signals[k * GNG_BLOCK + i + j], 0, sum[j]);
        }
        for (int j = 0; j < ROWS_AT_ONCE; j++)
            NAME(store16)(scores->between + (i + j) * GNG_BLOCK, NAME(mul16)(sum[j], scale));
    }
}

ENTRY void NAME(begin_block)(gng_scores *scores, const float *const *signals, int n, ptrdiff_t n_slots)
{
    const ptrdiff_t d = scores->d, n_groups = (n_slots + GNG_BLOCK - 1) / GNG_BLOCK;
    scores->n = n;
    scores->now = 0;
    scores->n_groups = n_groups < scores->n_groups ? n_groups : scores->n_groups;
    NAME(open_groups)(scores, n_groups);
    NAME(take_lengths)(scores);
    for (int i = 0; i < GNG_BLOCK; i++)
        scores->signal[i] = signals[i < n ? i : 0];
    for (int i = 0; i < GNG_BLOCK; i += 4)
        _mm_storeu_ps(scores->square + i, NAME(squared_lengths)(scores->signal + i, d));
    for (int i = 0; i < GNG_BLOCK; i++)
        NAME(take_length)(scores, scores->square[i]);
    NAME(choose_form)(scores);
    NAME(transpose)(scores);
    if (scores->by_steps)
        NAME(take_distances_between)(scores);
    /* a constant d lets the compiler unroll the sums */
    if (d == 4)
        NAME(score_groups)(scores, 4, 0);
    else if (d == 8)
        NAME(score_groups)(scores, 8, 0);
    else if (scores->by_products)
        NAME(score_groups)(scores, d, 1);
    else
        NAME(score_groups)(scores, d, 0);
}

/* ---- what changes ------------------------------------------------------------------------------------------------ */

/* Score up to NODES_AT_ONCE nodes anew. */
TARGET void NAME(score_nodes)(gng_scores *scores, const int32_t *nodes, int n, ptrdiff_t d, int by_products)
{
    const SIXTEEN infinite = NAME(all16)(INFINITY), square = NAME(load16)(scores->square);
    const float *row[NODES_AT_ONCE];
    SIXTEEN sum[NODES_AT_ONCE];
    for (int i = 0; i < NODES_AT_ONCE; i++) {
        int32_t node = nodes[i < n ? i : 0];
        row[i] = scores->rows + node * d;
        sum[i] = NAME(all16)(by_products ? scores->norm[node] : 0.0f);
    }
    for (ptrdiff_t k = 0; k < d; k++) {
        SIXTEEN x = NAME(load16)(scores->signals + k * GNG_BLOCK);
        for (int i = 0; i < NODES_AT_ONCE; i++)
            sum[i] = NAME(contribution)(x, row[i][k], by_products, sum[i]);
    }
    for (int i = 0; i < n; i++) {
        float *least = scores->least + (nodes[i] >> GNG_BLOCK_SHIFT) * (ptrdiff_t)GNG_BLOCK;
        sum[i] = NAME(min16)(by_products ? NAME(add16)(sum[i], square) : sum[i], infinite);
        NAME(store16)(scores->score + nodes[i] * (ptrdiff_t)GNG_BLOCK, sum[i]);
        NAME(store16)(least, NAME(min16)(NAME(load16)(least), sum[i]));
    }
}

TARGET void NAME(score_anew)(gng_scores *scores, const int32_t *nodes, int n)
{
    for (int i = 0; i < n; i += NODES_AT_ONCE) {
        int some = n - i < NODES_AT_ONCE ? n - i : NODES_AT_ONCE;
        if (scores->by_products)
            NAME(score_nodes)(scores, nodes + i, some, scores->d, 1);
        else
            NAME(score_nodes)(scores, nodes + i, some, scores->d, 0);
    }
}

/* With w' = w + eps (y - w): |x - w'|^2 = (1 - eps) |x - w|^2 + eps |x - y|^2 - eps (1 - eps) |y - w|^2. */
TARGET void NAME(score_by_step)(gng_scores *scores, const int32_t *nodes, int n, float eps)
{
    const float rest = 1.0f - eps, both = eps * rest;
    const SIXTEEN infinite = NAME(all16)(INFINITY), rests = NAME(all16)(rest), steps = NAME(all16)(eps);
    const SIXTEEN between = NAME(load16)(scores->between + scores->now * GNG_BLOCK);
    float farthest = 0;
    for (int i = 0; i < n; i++) {
        float *score = scores->score + nodes[i] * (ptrdiff_t)GNG_BLOCK;
        float *least = scores->least + (nodes[i] >> GNG_BLOCK_SHIFT) * (ptrdiff_t)GNG_BLOCK;
        float distance = score[scores->now];
        SIXTEEN change = NAME(fused16)(steps, between, NAME(all16)(-both * distance));
        SIXTEEN scored = NAME(min16)(NAME(fused16)(rests, NAME(load16)(score), change), infinite);
        NAME(store16)(score, scored);
        NAME(store16)(least, NAME(min16)(NAME(load16)(least), scored));
        farthest = farthest < distance ? distance : farthest;
    }
    scores->error += scores->relative * (eps * farthest + scores->error);
}

ENTRY void NAME(move_in_block)(gng_scores *scores, const int32_t *nodes, int n, const float *x, float eps, float smallest)
{
    const ptrdiff_t d = scores->d;
    for (int i = 0; i < n; i++) {
        float *row = scores->rows + nodes[i] * d;
        NAME(move_row)(row, x, eps, smallest, d, NULL, NULL, NULL, NULL);
        scores->moved[nodes[i] >> GNG_BLOCK_SHIFT] |= (uint16_t)(1 << (nodes[i] & (GNG_BLOCK - 1)));
    }
    for (int i = 0; i < n && d >= PRODUCTS_FROM; i += 4)
        NAME(take_norms)(scores, nodes + i, n - i);
    if (scores->by_steps)
        NAME(score_by_step)(scores, nodes, n, eps);
    else
        NAME(score_anew)(scores, nodes, n);
}

ENTRY void NAME(enter_block)(gng_scores *scores, int32_t node)
{
    const ptrdiff_t group = node >> GNG_BLOCK_SHIFT;
    if (group >= scores->n_groups)
        NAME(open_groups)(scores, group + 1);
    NAME(take_norms)(scores, &node, 1);
    if (!(scores->norm[node] <= scores->longest)) { /* the bound on errors does not hold for it */
        scores->lengths_known = 0;
        scores->error = INFINITY;
    }
    NAME(score_anew)(scores, &node, 1);
}

/* ---- the two nearest --------------------------------------------------------------------------------------------- */

/* The squared distance of signal m to a node, as search.h says. */
TARGET float NAME(distance_to_slot)(const gng_scores *scores, ptrdiff_t slot, int m)
{
    const ptrdiff_t d = scores->d;
    const float *w = scores->rows + slot * d, *x = scores->signal[m];
    float diff = w[0] - x[0], sum = diff * diff;
    if (d >= GNG_ROWS_FROM) {
        NAME(distances_to_rows)(&w, 1, d, x, &sum);
        return sum;
    }
    for (ptrdiff_t k = 1; k < d; k++) {
        diff = w[k] - x[k];
        sum += diff * diff;
    }
    return sum;
}

/* Offer the nodes of a group whose bit in `near` is set, and return how many there are. */
TARGET int NAME(offer_slots)(const gng_scores *scores, ptrdiff_t group, unsigned near, int m, gng_hit *hit)
{
    int n = 0;
    for (; near; near &= near - 1, n++) {
        ptrdiff_t slot = group * GNG_BLOCK + lowest_bit(near);
        offer(hit, NAME(distance_to_slot)(scores, slot, m), (int32_t)slot);
    }
    return n;
}

/* Two groups of the least bounds have the two least scores or others not much larger: with these the threshold is known
   that no score of the two nearest nodes is above. Then whatever is not above it is looked at. */
ENTRY int NAME(find_in_block)(gng_scores *scores, int m, gng_hit *hit)
{
    const SIXTEEN infinite = NAME(all16)(INFINITY);
    SIXTEEN low = infinite, high = infinite;
    scores->now = m;
    const ptrdiff_t n_groups = scores->n_groups;
    for (ptrdiff_t g = 0; g < n_groups; g += GNG_BLOCK) {
        SIXTEEN bounds = NAME(column16)(scores->least + g * GNG_BLOCK + m);
        NAME(store16)(scores->bound + g, bounds);
        high = NAME(min16)(high, NAME(max16)(low, bounds));
        low = NAME(min16)(low, bounds);
    }
    float first, second;
    NAME(two_least16)(low, high, &first, &second);
    second = smaller(second, FLT_MAX);

    const SIXTEEN opened = NAME(all16)(second);
    SIXTEEN column[MOST_OPEN];
    ptrdiff_t open[MOST_OPEN];
    int n_open = 0;
    low = high = infinite;
    for (ptrdiff_t g = 0; g < n_groups; g += GNG_BLOCK)
        for (unsigned near = NAME(le16)(NAME(load16)(scores->bound + g), opened); near; near &= near - 1) {
            if (n_open == MOST_OPEN)
                return 0;
            open[n_open] = g + lowest_bit(near);
            column[n_open] = NAME(column16)(scores->score + open[n_open] * GNG_BLOCK * GNG_BLOCK + m);
            high = NAME(min16)(high, NAME(max16)(low, column[n_open]));
            low = NAME(min16)(low, column[n_open]);
            n_open++;
        }
    NAME(two_least16)(low, high, &first, &second);
    scores->second = second;
    const float threshold = (second + scores->error) * (1.0f + scores->relative) + scores->error;
    if (!(threshold <= FLT_MAX))
        return 0;

    const SIXTEEN thresholds = NAME(all16)(threshold);
    int n = 0;
    forget(hit);
    hit->cell = -1;
    hit->visited = 0;
    for (int i = 0; i < n_open; i++)
        n += NAME(offer_slots)(scores, open[i], NAME(le16)(column[i], thresholds), m, hit);
    for (ptrdiff_t g = 0; g < n_groups; g += GNG_BLOCK) {
        SIXTEEN bounds = NAME(load16)(scores->bound + g);
        unsigned near = NAME(le16)(bounds, thresholds) & ~NAME(le16)(bounds, opened);
        for (; near && n <= MOST_CANDIDATES; near &= near - 1) {
            ptrdiff_t group = g + lowest_bit(near);
            SIXTEEN scored = NAME(column16)(scores->score + group * GNG_BLOCK * GNG_BLOCK + m);
            n += NAME(offer_slots)(scores, group, NAME(le16)(scored, thresholds), m, hit);
        }
    }
    hit->visited = n > FEW_CANDIDATES;
    return n <= MOST_CANDIDATES;
}

static const gng_dense_kernels NAME(dense) = {NAME(begin_block), NAME(find_in_block), NAME(move_in_block), NAME(enter_block)};

#undef SIXTEEN
#undef ROWS_AT_ONCE
#undef NODES_AT_ONCE
#undef MOST_OPEN
#undef FEW_CANDIDATES
#undef MOST_CANDIDATES
#undef LONGEST
#undef PRODUCTS_FROM
#undef MOST_D_BY_STEPS
#undef MOST_SINCE
#undef ERROR_SHARE
