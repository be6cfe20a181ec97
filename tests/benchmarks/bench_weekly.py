"""The weekly report: false trends, trends that are seen, limits of weeks, and two years of weeks.

Everything is simulated with stated rules and fixed seeds, but for the report itself, which is made
in this process from the records of a healthy system repeated week by week.
"""

import time
from datetime import timedelta

import numpy as np

from ops_model.analysis.quality_weeks import weekly_quality
from ops_model.analysis.slopes import slope_per_week
from ops_model.domain.detection import QualityDay
from ops_model.domain.values import Window
from ops_model.domain.weeks import SlowSign
from ops_model.site.build import GradedStatement, SiteSystem
from ops_model.site.pages import each_page
from ops_model.workflow.show import assessed
from ops_model.workflow.weekly import weekly_report
from tests.builders import AS_OF, a_drift, a_quality, a_spend, a_statement, a_system, share
from tests.site.whole import input_of, whole
from tests.weekly_samples import MIDNIGHT, WEEK, a_book, a_report, some_days, told

REPEATS = 2000
WEEKS = (8, 13, 26)
ALIKE = (0.0, 0.3, 0.6)
RISES = (0.02, 0.03, 0.05)
"""Of the first week's level, per week; the noise of a week is a twentieth of it."""
NOISE, FLOOR = 0.05, 0.01


def series(draw, weeks, alike, scale=1.0):
    """Weeks that vary and go nowhere; each resembles the one before by so much."""
    noise = draw.normal(0, scale, size=weeks + 50)
    for week in range(1, len(noise)):
        noise[week] += alike * noise[week - 1]
    return noise[50:]


def state(values, floor):
    slope = slope_per_week(list(range(len(values))), list(values), "USD")
    sign = SlowSign(sign="cost", what="cost", worse="up", floor=floor,
                    weeks=a_report().signs[0].weeks, per_week=slope)  # fmt: skip
    return sign.state


def false_trends():
    print("| a week like the one before by | weeks | called a trend | worsening, with its floor |")
    print("|---:|---:|---:|---:|")
    for alike in ALIKE:
        for weeks in WEEKS:
            draw = np.random.default_rng(weeks)
            moved = worse = 0
            for _ in range(REPEATS):
                values = series(draw, weeks, alike)
                moved += state(values, 0.0) in {"worse", "better"}
                worse += state(1 + NOISE * values, FLOOR) == "worse"
            print(f"| {alike:.1f} | {weeks} | {moved / REPEATS:.1%} | {worse / REPEATS:.1%} |")


def seen():
    print("\n| a week more by | " + " | ".join(f"seen in {w} weeks" for w in WEEKS) + " |")
    print("|---:|" + "---:|" * len(WEEKS))
    for rise in RISES:
        found = []
        for weeks in WEEKS:
            draw = np.random.default_rng(weeks)
            hits = sum(
                state(1 + rise * np.arange(weeks) + series(draw, weeks, 0.0, NOISE), FLOOR)
                == "worse"
                for _ in range(REPEATS // 4)
            )
            found.append(f"{hits / (REPEATS // 4):.0%}")
        print(f"| {rise:.0%} | {' | '.join(found)} |")


def limits():
    print("\n| days alike by | weeks of an unchanged model beyond their limits |")
    print("|---:|---:|")
    system = a_system()
    baseline = Window(start=MIDNIGHT - timedelta(days=70), end=MIDNIGHT - timedelta(days=42))
    for alike in (0.0, 0.4):
        draw, beyond, total = np.random.default_rng(3), 0, 0
        for _ in range(REPEATS // 5):
            level = np.clip(0.8 + series(draw, 70, alike, 0.04), 0.01, 0.99)
            days = tuple(
                QualityDay(day=(MIDNIGHT - timedelta(days=70 - place)).date(),
                           quality=share(right / 400, 400))
                for place, right in enumerate(draw.binomial(400, level))
            )  # fmt: skip
            record = a_quality(system, days=days)
            weeks = weekly_quality([record], as_of=AS_OF, baseline=baseline).weeks[-6:]
            beyond += sum(week.beyond for week in weeks)
            total += len(weeks)
        print(f"| {alike:.1f} | {beyond / total:.2%} of {total:,} |")


def two_years():
    """CPU seconds of a report over so many weeks of records, the verdict aside."""
    print("\n| weeks of records | statements | CPU s of the report | its size, kB |")
    print("|---:|---:|---:|---:|")
    system = a_system()
    for many in (2, 26, 104):
        statements = []
        for back in range(many - 1, -1, -1):
            at = AS_OF - back * WEEK
            days = some_days(13, lambda week: 40.0 + week, until=MIDNIGHT - back * WEEK)
            verdict = assessed(a_book(system, as_of=at)) if back else None
            records = (a_drift(system, as_of=at), a_spend(system, as_of=at, days=days),
                       a_quality(system, as_of=at), *([verdict] if verdict else []))  # fmt: skip
            statements += [told(r, len(statements) + n) for n, r in enumerate(records, 1)]
        book = a_book(system, *statements)
        verdict = assessed(book)
        began = time.process_time()
        report = weekly_report(book, verdict)
        took = time.process_time() - began
        size = len(report.model_dump_json()) / 1000
        print(f"| {many} | {len(statements)} | {took:.2f} | {size:.0f} |")


def fleet():
    base = whole([])
    systems = []
    for number in range(500):
        claims = a_system(f"s{number}", identity={"name": f"System {number}"})
        report = a_statement(a_report(system=claims.id), 9)
        graded = GradedStatement(report, "E3")
        systems.append(SiteSystem(claims, base.assessment, (graded,)))
    pages = input_of(*systems)
    page = next(one for one in each_page(pages) if one.path == "fleet.html")
    page.text()
    began = time.process_time()
    text = page.text()
    took = time.process_time() - began
    print(f"\n500 systems on one page: {len(text) / 1000:.0f} kB, {took:.2f} CPU s")


if __name__ == "__main__":
    false_trends()
    seen()
    limits()
    two_years()
    fleet()
