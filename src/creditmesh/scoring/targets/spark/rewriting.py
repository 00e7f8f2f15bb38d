"""Where Spark SQL means something else by the same words: rewritten on the tree, whatever made the tree.

Texts are compared and sorted byte by byte in both engines, GREATEST and LEAST pass over NULL in both, and so does
CONCAT_WS; these need nothing. Everything else that differs stands here, each with its reason.
"""

from collections.abc import Callable

import sqlglot
from sqlglot import exp

WIDEST = "DECIMAL(38, 0)"
BESIDE = "_w"
"""The name of a column that is computed only to choose rows by it."""


def text(query: exp.Expr | str) -> str:
    """Return a query, a tree or DuckDB's SQL, as Spark SQL with the same rows."""
    read = sqlglot.parse_one(query, read="duckdb") if isinstance(query, str) else query.copy()
    return rewritten(read).sql(dialect="spark", pretty=True)


def rewritten(tree: exp.Expr) -> exp.Expr:
    """Return the tree, changed in place, with Spark's words where DuckDB's mean something else."""
    for kind, rewrite in REWRITES.items():
        # from the inside out: a rewritten node may stand inside another one of its kind
        for node in reversed(list(tree.find_all(kind))):
            other = rewrite(node)
            if other is node:
                continue
            if node is tree:
                tree = other
            else:
                node.replace(other)
    return tree


def _divided(node: exp.Expr) -> exp.Expr:
    """Divide by NULL instead of by 0: DuckDB then answers NULL, Spark stops."""
    divisor = node.expression
    if not isinstance(divisor.unnest(), exp.Literal):
        zero = exp.Literal.number(0)
        node.set("expression", exp.Nullif(this=divisor.copy(), expression=zero))
    return node


def _chosen(node: exp.Expr) -> exp.Expr:
    """Take an element by GET: the others stop at a place outside the list."""
    if node.args.get("offset") != 1:
        return node
    place = exp.cast(exp.paren(node.expressions[0].copy()), "INT")
    return exp.Anonymous(
        this="GET",
        expressions=[node.this.copy(), exp.Sub(this=place, expression=exp.Literal.number(1))],
    )


def _latest(node: exp.Expr) -> exp.Expr:
    """Pass over rows without the value: ARG_MAX does, MAX_BY does not."""
    there = exp.not_(exp.Is(this=node.this.copy(), expression=exp.null()))
    above = node.parent
    if isinstance(above, exp.Filter):
        where = above.expression
        where.set("this", exp.and_(where.this, there))
        return node
    return exp.Filter(this=node.copy(), expression=exp.Where(this=there))


def _days(node: exp.Expr) -> exp.Expr:
    """Subtract days from days: the form with a unit goes by way of instants in a time zone."""
    return exp.Anonymous(this="DATEDIFF", expressions=[node.this.copy(), node.expression.copy()])


def _summed(node: exp.Expr) -> exp.Expr:
    """Sum in more than 64 bits, as DuckDB does; what comes out is held inside bounds afterwards."""
    return exp.Sum(this=exp.cast(node.this.copy(), WIDEST))


def _qualified(node: exp.Expr) -> exp.Expr:
    """Choose rows by a window in an outer query without showing its column, for Spark has no QUALIFY."""
    qualify = node.args.get("qualify")
    if qualify is None:
        return node
    window = qualify.find(exp.Window)
    inner = node.copy()
    inner.set("qualify", None)
    inner.append("expressions", exp.alias_(window.copy(), BESIDE, quoted=True))
    window.replace(exp.column(BESIDE, quoted=True))
    star = exp.Star(except_=[exp.to_identifier(BESIDE, quoted=True)])
    shown = [
        star if isinstance(one, exp.Star) else exp.column(one.alias_or_name, quoted=True)
        for one in node.expressions
    ]
    return (
        exp.select(*shown)
        .from_(exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("_numbered"))))
        .where(qualify.this.copy())
    )


def _among(node: exp.Expr) -> exp.Expr:
    """Take a row of columns apart: in a subquery Spark would make one column of it."""
    inner = node.args.get("query")
    if inner is None or not isinstance(node.this, exp.Tuple):
        return node
    [row] = inner.this.expressions
    inner.this.set("expressions", [one.copy() for one in row.expressions])
    return node


def _missing(node: exp.Expr) -> exp.Expr:
    """Write NOT IN (a query) as NOT EXISTS, which Spark joins on any number of machines.

    The column must never be NULL; those of the lake that are asked for this way are keys.
    """
    asked = node.this
    if not isinstance(asked, exp.In) or asked.args.get("query") is None or isinstance(asked.this, exp.Tuple):
        return node
    query = asked.args["query"].this.copy()
    [found] = query.expressions
    query.set("expressions", [exp.alias_(found.copy(), "_found", quoted=True)])
    same = exp.EQ(this=exp.column("_found", "_keys", quoted=True), expression=asked.this.copy())
    there = exp.select(exp.Literal.number(1)).from_(query.subquery("_keys")).where(same)
    return exp.Not(this=exp.Exists(this=there))


REWRITES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.IntDiv: _divided,
    exp.Bracket: _chosen,
    exp.ArgMax: _latest,
    exp.DateDiff: _days,
    exp.Sum: _summed,
    exp.In: _among,
    exp.Not: _missing,
    exp.Select: _qualified,
}
