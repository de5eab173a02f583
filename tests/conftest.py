"""What every test may use: a checking browser stand-in, and everybody who stands in some relation to a thing."""

import gc
import os
import pickle
import re
import shutil
from itertools import groupby, islice
from types import SimpleNamespace

import pytest
from _pytest.runner import pytest_runtest_protocol as run_test
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.commands import flush as django_flush
from django.db import connection, transaction
from django.test import Client, TestCase
from django.utils import timezone
from hypothesis import settings as hypothesis_settings

from deputies.models import Congress, Deputy, Level, Mandate, StationAssignment, Term
from liaison.accounts.models import Area, Post, Role, User
from stations.models import Station, StationStaff
from tests import factories as f
from visits.models import Category

SLIPS = {
    "{{": "a template tag leaked into the page",
    "{%": "a template tag leaked into the page",
    "{#": "a template comment leaked into the page",
    " onclick=": "inline JavaScript",
    "javascript:": "inline JavaScript",
    " style=": "inline style, which the content security policy refuses",
    "None": "a None leaked into the page",
}

TOKEN = re.compile(
    r'(name="csrfmiddlewaretoken" value=|"X-CSRFToken": )"\w+"'
)  # random letters may say anything

# The same examples at every run, whatever the speed of the machine; nothing is written into the tree.
hypothesis_settings.register_profile("house", deadline=None, derandomize=True, database=None)
hypothesis_settings.load_profile("house")


LONG = {"e2e", "postgres", "long"}


@pytest.hookimpl(trylast=True)  # after pytest-django, which puts real transactions last
def pytest_collection_modifyitems(items):
    """What takes long begins first and on all cores, so that none waits at the end for another's last test.

    Each worker takes a stretch of the list, and steals from the end of another's when it is through. So the long tests
    stand at the heads of the stretches: a journey by itself, others by modules, which may have set up something for all.
    """
    count, workers = len(items), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if LONG & {mark.name for mark in item.iter_markers()}]
    by_itself = {item: item.name if "e2e" in item.keywords else "" for item in long}
    heads = [list(group) for _, group in groupby(long, lambda item: (item.path, by_itself[item]))]
    rest = iter([item for item in items if item not in by_itself])
    items.clear()
    for number in range(workers):
        length = (count - len(items)) // (workers - number)  # as xdist cuts the list
        head = [item for group in heads[number::workers] for item in group]
        items += head + list(islice(rest, max(0, length - len(head))))
    items += rest


def pytest_collection_finish():
    """All modules are there by now, and stay: the collector of garbage need not look at them after every few requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """Each test begins on a wide stretch of stack."""
    return on_a_wide_stack(run_test, item, nextitem)


def on_a_wide_stack(function, *args):
    """What `function` returns. Python 3.11 gets room for calls in pieces of 16 KiB, and gives a piece back at once.

    A loop that happens to stand at the end of a piece asks the system for the next one at every call: a tenth of a run.
    This function says that it needs half a megabyte itself. So it gets a whole one, and all that it calls has the rest.
    """
    return function(*args)


on_a_wide_stack.__code__ = on_a_wide_stack.__code__.replace(co_stacksize=70_000)


class CheckedClient(Client):
    """A browser stand-in: runs on-commit work, and looks every page over for slips."""

    def request(self, **request):
        with TestCase.captureOnCommitCallbacks(execute=True):
            response = super().request(**request)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            page = TOKEN.sub("", response.content.decode())
            for slip, what in SLIPS.items():
                assert slip not in page, what
        return response


TEMPLATE = os.environ.get("TEST_TEMPLATE")  # a database with all tables and no rows, as script/test makes one


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb):
    """A copy of the template that stands in the throw-away folder is not to be deleted for an empty one."""
    return django_db_keepdb or (TEMPLATE is not None and connection.vendor == "sqlite")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """SQLite in a file, as in use. In memory all threads share one connection, and nothing ever meets.

    To migrate takes ten seconds: with a template, all workers begin with a copy of it.
    """
    options = settings.DATABASES["default"]["TEST"]
    if connection.vendor == "sqlite":
        options["NAME"] = str(tmp_path_factory.mktemp("db") / "test.sqlite3")
        if TEMPLATE:
            shutil.copy(TEMPLATE, options["NAME"])
    elif TEMPLATE:
        options["TEMPLATE"] = TEMPLATE


def delete_all(tables):
    """Empty tables of PostgreSQL without asking triggers: to truncate a hundred empty tables takes a second."""
    deletes = "; ".join(f'DELETE FROM "{table}"' for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET session_replication_role = replica; {deletes}; SET session_replication_role = DEFAULT"
        )


def delete_all_without_triggers(tables):
    """Empty tables of SQLite, where triggers can only be taken off and put on again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        cursor.execute("PRAGMA foreign_keys = OFF")
        with transaction.atomic():
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            for table in tables:
                cursor.execute(f'DELETE FROM "{table}"')
            for _, statement in triggers:
                cursor.execute(statement)
        cursor.execute("PRAGMA foreign_keys = ON")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """After a test with real transactions Django empties all tables; for that, triggers step aside.

    What migrations told of the models themselves stays, so it need not be made again after each of these tests.
    """
    delete = delete_all if connection.vendor == "postgresql" else delete_all_without_triggers

    # Asked once: to look which tables there are takes about as long as to empty them.
    with django_db_blocker.unblock():
        there = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = set(there) - {"django_content_type", "auth_permission"}

    # For the class: beside an event loop, as in a journey, Django opens another connection.
    type(connection.ops).execute_sql_flush = lambda operations, tables: delete(tables)
    django_flush.sql_flush = lambda *args, **kwargs: tables
    django_flush.emit_post_migrate_signal = lambda *args, **kwargs: None


@pytest.fixture
def client():
    return CheckedClient()


def session_of(post):
    """The cookie of a session of `post.user`, acting in `post`.

    As after signing in, without the record and the notices of it: that is tested by itself.
    """
    session = SessionStore()
    session[SESSION_KEY] = str(post.user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = post.user.get_session_auth_hash()
    session["post_id"] = post.pk
    session["began_at"] = session["seen_at"] = timezone.now().timestamp()
    if post.role == Role.ADMIN:
        session["admin"] = True
    session.save()
    return session.session_key


@pytest.fixture
def as_():
    """A client signed in as `post.user`, acting in `post`."""

    def sign_in(post):
        client = CheckedClient()
        client.cookies[settings.SESSION_COOKIE_NAME] = session_of(post)
        return client

    return sign_in


@pytest.fixture(scope="session", autouse=True)
def _cheap_things(tmp_path_factory):
    """Files of tests go to a folder of their own; passwords are hashed in no time (Argon2 is tested by itself)."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = (
        True  # look for a static file when asked, not for all of them in each client
    )
    settings.WHITENOISE_MAX_AGE = 600  # a browser asks for a style sheet once, not once a page
    settings.PUBLIC_URL = "https://zhan.example.gov.cn"  # printed in QR codes
    settings.MEDIA_URL = "/media/"  # the live server would give out files at the addresses of pages
    settings.MEDIA_ROOT = str(tmp_path_factory.mktemp("media"))


WORLD = [
    Area,
    User,
    Post,
    Station,
    StationStaff,
    Congress,
    Term,
    Deputy,
    Mandate,
    StationAssignment,
    Category,
]
_built: list[
    tuple[bytes, list[tuple[str, object]]]
] = []  # the people of the first test that asked; how to write them


@pytest.fixture
def people(db):
    """Two counties and everybody in them, see `build_people`. Built once, then written again a table at a time."""
    untouched = nothing_in(Area, User, Congress, Category)
    if _built and untouched:
        everybody, statements = _built[0]
        with connection.cursor() as cursor:
            for sql, params in statements:
                cursor.execute(sql, params)
        return pickle.loads(everybody)
    everybody = build_people()
    if untouched:
        _built.append((pickle.dumps(everybody), statements_for(WORLD)))
    return everybody


def nothing_in(*models):
    """Whether these tables are empty, by one question."""
    asked = " OR ".join(f"EXISTS (SELECT 1 FROM {model._meta.db_table})" for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}")
        return not cursor.fetchone()[0]


def statements_for(models):
    """What writes the rows that these tables hold now; for PostgreSQL, which is at the end of a wire, as one text."""
    written = []

    def note(execute, sql, params, many, context):
        if sql.startswith("INSERT"):
            written.append((sql, params))
        return execute(sql, params, many, context)

    rows = [list(model.objects.order_by("pk")) for model in models]
    with transaction.atomic(), connection.execute_wrapper(note):
        for model in reversed(models):
            model._base_manager.all()._raw_delete(connection.alias)
        for found in rows:
            type(found[0])._base_manager.bulk_create(found)
    if connection.vendor == "postgresql":
        from psycopg import ClientCursor

        cursor = ClientCursor(connection.connection)
        return [(";".join(cursor.mogrify(sql, params) for sql, params in written), None)]
    return written


def build_people():
    """Two counties of one city, a township each with a station, a point below the first; and a post of every kind.

    `own` is what the posts named plainly belong to; `child` the point below it; `sibling` another township's station
    in the same county; `other` a station of the other county.
    """
    city = f.area("1402", "大同市")
    county, other_county = f.area("140213", "平城区"), f.area("140215", "云州区")
    town = f.area("140213001", "南关街道")
    sibling_town, other_town = f.area("140213002", "北关街道"), f.area("140215100", "西坪镇")
    own = f.StationFactory(area=town, code="PC01", name="南关街道联络站")
    child = f.StationFactory(area=town, code="PC0101", name="南关社区联络点", kind="POINT", parent=own)
    sibling = f.StationFactory(area=sibling_town, code="PC02", name="北关街道联络站")
    other = f.StationFactory(area=other_town, code="YZ01", name="西坪镇联络站")

    def post(role, area, name):
        return f.PostFactory(role=role, area=area, user__name=name)

    def staff(station, name):
        kept = post(Role.STATION, station.area, name)
        f.StationStaffFactory(post=kept, station=station)
        return kept

    def deputy(station, name, level=Level.COUNTY):
        seat = post(Role.DEPUTY, station.area, name)
        person = f.DeputyFactory(name=name, user=seat.user, phone="13900001234")
        congress = f.CongressFactory(name=f"{level}人民代表大会", level=level)
        mandate = f.MandateFactory(deputy=person, area=station.area, term__congress=congress)
        f.AssignmentFactory(mandate=mandate, station=station)
        seat.deputy, seat.mandate = person, mandate
        return seat

    return SimpleNamespace(
        city=city,
        county=county,
        other_county=other_county,
        town=town,
        own=own,
        child=child,
        sibling=sibling,
        other=other,
        office=post(Role.OFFICE, county, "县代表工委"),
        office_city=post(Role.OFFICE, city, "市代表工委"),
        office_other=post(Role.OFFICE, other_county, "邻县代表工委"),
        station=staff(own, "王丽"),
        station_child=staff(child, "李点"),
        station_sibling=staff(sibling, "赵旁"),
        station_other=staff(other, "孙远"),
        deputy=deputy(own, "张建国"),
        deputy_colleague=deputy(own, "李秀英"),
        deputy_other=deputy(other, "阿依努尔·买买提"),
        unit=post(Role.UNIT, county, "住建局"),
        auditor=post(Role.AUDITOR, county, "县审计"),
        auditor_other=post(Role.AUDITOR, other_county, "邻县审计"),
        admin=post(Role.ADMIN, county, "县管理员"),
        category=f.CategoryFactory(),
    )


@pytest.fixture
def several_threads(transactional_db):
    """Run functions at once in threads of their own, each with its own connection; returns what each gave or raised."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    def run(*functions):
        barrier = Barrier(len(functions))

        def start(function):
            barrier.wait()
            try:
                return function()
            except Exception as error:  # noqa: BLE001 — the test looks at it
                return error
            finally:
                connection.close()

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(start, functions))

    return run
