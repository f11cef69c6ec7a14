"""Another version is released under load, stays when the checkout is deployed, and must fit the code."""

import json
from pathlib import Path

import msgspec
import pytest

from tests.e2e.support.account import Account, call, context
from tests.e2e.support.load import OK, Load
from tests.e2e.support.throttles import lift_throttles
from tests.tiny_bundle import EXAMPLE, FIELDS, write_tiny_bundle, write_tiny_report

RATE = 20.0


@pytest.mark.parametrize("hosting", ["realtime", "lambda"])
def test_a_released_version_serves_without_a_failure_and_stays_when_the_checkout_is_deployed(
    account: Account, tmp_path: Path, hosting: str
) -> None:
    # Given a service that serves the bundle of the checkout
    paths = [tmp_path / f"{name}/model.tar.gz" for name in ("first", "second", "other")]
    first = write_tiny_bundle(paths[0]).manifest
    second = write_tiny_bundle(paths[1], weight=2.0).manifest
    write_tiny_report(paths[1])
    size, *others = FIELDS
    write_tiny_bundle(paths[2], fields=(msgspec.structs.replace(size, maximum=50), *others))
    account.deploy(paths[0], hosting=hosting)
    lift_throttles(account)
    service = account.find()

    # When another one is released, then no request fails
    with Load(service, [EXAMPLE], rate=RATE) as load:
        done = account.local("promote", "--bundle", str(paths[1]), "--json")
    result = json.loads(done.stdout)
    assert (result["version"], result["before"]) == (second.version, first.version)
    assert result["changed"], done
    assert {*load.statuses} == {OK}, load.statuses

    # And everything that depends on the version follows it, also when the checkout is deployed again
    for deploys_again in (False, True):
        if deploys_again:
            account.local("deploy", *context(model="tiny", bundle=str(paths[0]), hosting=hosting))
        assert account.find().outputs["ModelVersion"] == second.version
        health = call("GET", service.health_url).body
        assert (health["model"]["version"], health["expected_version"]) == (second.version,) * 2
        smoke = account.local("smoke", "--bundle", str(paths[1]), check=False)
        assert smoke.returncode == 0, smoke.stdout
    report = account.find().request("GET", f"{service.api_url}/model").body
    assert f"<code>{second.version}</code>" in report

    # When a bundle with another interface is to be released, then it is refused
    refused = account.local("promote", "--bundle", str(paths[2]), check=False)
    assert refused.returncode == 1
    assert "the field size changed" in refused.stderr

    # And the version before is released again, by what the registry has noted
    account.local("rollback")
    assert json.loads(service.predict(json.dumps(EXAMPLE)))["model"]["version"] == first.version
    again = account.local("rollback", check=False)
    assert f"Version {second.version}, which served before, is rejected" in again.stderr
    account.delete_stack("Tiny")
