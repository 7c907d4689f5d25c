//! Two admins at once: what one of them does to an account that the other one has just deleted.

use librechat_auth::app::Failure;
use librechat_auth::app::audit::Actor;
use librechat_auth::domain::account::Role;
use librechat_auth::domain::refusal::Refusal;
use librechat_auth::domain::secret::Secret;

use crate::support::Site;

#[test]
fn nothing_is_done_and_nothing_is_logged_about_an_account_that_is_gone() {
    let site = Site::start();
    let bob = site.create("bob", Role::User);
    site.run(site.app.delete_user(&bob, &Actor::Console)).expect("deleted");
    let before = site.events_about(&bob).len();
    let outcomes = [
        site.run(site.app.delete_user(&bob, &Actor::Console)).map(drop),
        site.run(site.app.set_disabled(&bob, true, &Actor::Console)),
        site.run(site.app.set_role(&bob, Role::Admin, &Actor::Console)),
        site.run(
            site.app
                .reset_password(&bob, Secret::new("eleven brass buttons"), &Actor::Console),
        ),
    ];
    for outcome in outcomes {
        assert!(
            matches!(outcome, Err(Failure::Refused(Refusal::NotFound))),
            "{outcome:?}"
        );
    }
    assert_eq!(site.events_about(&bob).len(), before);
}
