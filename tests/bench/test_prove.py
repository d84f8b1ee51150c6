"""What make prove keeps of a run: one outcome for each test, none of them lost."""

from bench import prove

REPORT = """<testsuites><testsuite>
<testcase classname="tests.prove.kills" name="thirty" time="12.34"/>
<testcase classname="tests.prove.fuzz" name="bodies" time="1.0"><failure>x</failure></testcase>
<testcase classname="tests.prove.soak" name="hour" time="0"><skipped/></testcase>
</testsuite></testsuites>"""


def test_each_outcome_is_kept_with_its_seconds():
    assert prove.outcomes(REPORT) == {
        "tests.prove.kills::thirty": "passed in 12.3 s",
        "tests.prove.fuzz::bodies": "failure in 1.0 s",
        "tests.prove.soak::hour": "skipped in 0.0 s",
    }
