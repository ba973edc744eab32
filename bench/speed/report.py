"""The tables of proof.py as text and as Markdown, and what they say of the targets."""


def verdict(ratio, must):
    """Say whether a ratio of times meets its target, or by how much it misses it."""
    if ratio is None or must is None:
        return "-"
    if ratio <= must:
        return "met"
    return f"missed by {100 * (ratio / must - 1):.0f} %" if ratio < 2 * must else f"missed {ratio / must:.3g}-fold"


def ns_text(ns):
    return "-" if ns is None else f"{ns:,.3g}" if ns < 1000 else f"{ns:,.0f}"


def ratio_text(ratio):
    return "-" if ratio is None else f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.2g}"


def paired_table(rows, against):
    """Return the table of times against the other build, if there is one."""
    header = ["row", "ns", f"ns, {against}", "ratio", "must", "verdict", "NumPy takes"]
    lines = []
    for row in rows:
        numpy = row["others"].get("NumPy")
        lines.append(
            [
                row["row"],
                ns_text(row["ns"]),
                ns_text(row["against_ns"]),
                ratio_text(row["ratio"]),
                ratio_text(row["must"]),
                verdict(row["ratio"], row["must"]),
                f"{1 / numpy['ratio']:,.0f}x" if numpy else "-",
            ]
        )
    return "CPU time of a signal or a row, in ns", header, lines


def others_table(rows):
    """Return the table of times against other packages, other data, and a limit in nanoseconds."""
    header = ["row", "ns", "against", "ns there", "ratio", "must", "verdict"]
    lines = []
    for row in rows:
        others = {name: it for name, it in row["others"].items() if name != "NumPy"}
        if row["limit_ns"]:
            others["at most"] = {"ns": row["limit_ns"], "ratio": row["ns"] / row["limit_ns"], "must": 1.0}
        for name, it in others.items():
            lines.append(
                [
                    row["row"],
                    ns_text(row["ns"]),
                    name,
                    ns_text(it["ns"]),
                    ratio_text(it["ratio"]),
                    ratio_text(it["must"]),
                    verdict(it["ratio"], it["must"]),
                ]
            )
    return "Against other packages and limits, CPU time in ns", header, lines


def errors_table(rows):
    """Return the table of quantisation errors."""
    header = ["workload", "gng_fast", "NumPy, same signals", "published", "off the range by"]
    return (
        "Quality, mean distance to the nearest node",
        header,
        [
            [
                row["workload"],
                f"{row['error']:.4g}",
                "-" if row["numpy_error"] is None else f"{row['numpy_error']:.4g}",
                f"{row['published'][0]:g}-{row['published'][1]:g}",
                f"{row['percent_off']:.1f} %",
            ]
            for row in rows
        ],
    )


def summary(rows):
    """Say in one line how many targets are met, and in others what is missed and what differs."""
    verdicts = {row["row"]: [verdict(row["ratio"], row["must"])] for row in rows}
    for line in others_table(rows)[2]:
        verdicts[line[0]].append(line[-1])
    judged = [text for texts in verdicts.values() for text in texts if text != "-"]
    met = judged.count("met")
    missed = [name for name, texts in verdicts.items() if any(text.startswith("missed") for text in texts)]
    differing = [row["row"] for row in rows if row["same_network"] is False]
    lines = [f"{met} of {len(judged)} targets are met." if judged else "Nothing here has a target."]
    if missed:
        lines[0] += f" Not met: {'; '.join(missed)}."
    if differing:
        lines.append(f"The two builds end with different networks: {'; '.join(differing)}.")
    return lines


def as_text(table):
    title, header, rows = table
    widths = [max(len(line[i]) for line in [header, *rows]) for i in range(len(header))]
    return "\n".join(
        [
            title,
            *(
                "  ".join(
                    cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(line, widths))
                )
                for line in [header, *rows]
            ),
        ]
    )


def as_markdown(table):
    title, header, rows = table
    return "\n".join([f"{title}:\n", *(f"| {' | '.join(line)} |" for line in [header, ["---"] * len(header), *rows])])
