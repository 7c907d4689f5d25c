//! Words about invitations and about accounts that wait for an admin.

use crate::web::views::register::DeadLink;

table! {
    /// Words about registering.
    RegistrationTexts {
        invited: &'static str,
        invited_address: &'static str,
        not_your_invitation: &'static str,
        dead_link_heading: &'static str,
        dead_link_used_up: &'static str,
        dead_link_expired: &'static str,
        dead_link_revoked: &'static str,
        dead_link_unknown: &'static str,
        dead_link_ask: &'static str,
        dead_link_open: &'static str,
        registered_waiting: &'static str,
        account_waiting: &'static str,
        account_over: &'static str,
    }
}

/// In English.
pub static EN: RegistrationTexts = RegistrationTexts {
    invited: "You were invited. Choose a name and a password, and you are in.",
    invited_address: "The invitation is for this address.",
    not_your_invitation: "The invitation is for another address.",
    dead_link_heading: "This invitation does not work",
    dead_link_used_up: "It has been used already. If that was you, simply sign in.",
    dead_link_expired: "It has expired.",
    dead_link_revoked: "It was taken back.",
    dead_link_unknown: "The link is not complete, or the invitation is no longer known. Please check that you opened the whole link.",
    dead_link_ask: "Whoever invited you can send you a new link.",
    dead_link_open: "You can also create an account without an invitation.",
    registered_waiting: "Thank you. Your account now waits until an administrator lets you in.",
    account_waiting: "Your account is waiting until an administrator lets you in.",
    account_over: "Your access to this site has ended. If you need it for longer, ask the people who run it.",
};

/// In French.
pub static FR: RegistrationTexts = RegistrationTexts {
    invited: "Vous avez reçu une invitation. Choisissez un nom et un mot de passe, et vous y êtes.",
    invited_address: "L’invitation est valable pour cette adresse.",
    not_your_invitation: "L’invitation est valable pour une autre adresse.",
    dead_link_heading: "Cette invitation ne fonctionne pas",
    dead_link_used_up: "Elle a déjà servi. Si c’était vous, connectez-vous simplement.",
    dead_link_expired: "Elle a expiré.",
    dead_link_revoked: "Elle a été annulée.",
    dead_link_unknown: "Le lien n’est pas complet, ou l’invitation n’existe plus. Vérifiez que vous avez ouvert le lien en entier.",
    dead_link_ask: "La personne qui vous a invité peut vous envoyer un nouveau lien.",
    dead_link_open: "Vous pouvez aussi créer un compte sans invitation.",
    registered_waiting: "Merci. Votre compte attend maintenant qu’un administrateur vous ouvre l’accès.",
    account_waiting: "Votre compte attend qu’un administrateur vous ouvre l’accès.",
    account_over: "Votre accès à ce site a pris fin. S’il vous le faut plus longtemps, adressez-vous aux personnes qui le gèrent.",
};

impl RegistrationTexts {
    /// What is wrong with a link.
    #[must_use]
    pub fn dead_link(&self, link: DeadLink) -> &'static str {
        match link {
            DeadLink::UsedUp => self.dead_link_used_up,
            DeadLink::Expired => self.dead_link_expired,
            DeadLink::Revoked => self.dead_link_revoked,
            DeadLink::Unknown => self.dead_link_unknown,
        }
    }
}
