//! Words about other programs: who may open them.

table! {
    /// Words about other programs, in one language.
    AccessTexts {
        not_admitted_heading: &'static str,
        not_admitted: &'static str,
        not_admitted_as: fn(&str) -> String,
        not_admitted_home: &'static str,
        step_up_heading: &'static str,
        step_up: fn(&str) -> String,
        step_up_none: fn(&str) -> String,
        step_up_set_up: &'static str,
        step_up_back: &'static str,
        enter_heading: &'static str,
        enter: fn(&str) -> String,
        enter_link: &'static str,
        lost_heading: &'static str,
        lost: fn(&str) -> String,
        lost_advice: &'static str,
        lost_link: &'static str,
    }
}

/// English.
pub static EN: AccessTexts = AccessTexts {
    not_admitted_heading: "This page is not open to you",
    not_admitted: "Nobody may open this page. If you think that is a mistake, ask whoever runs this site.",
    not_admitted_as: |email| {
        format!(
            "You are signed in as {email}, and this account may not open the page. Ask whoever runs this site, or sign in \
             with another account."
        )
    },
    not_admitted_home: "Your account",
    step_up_heading: "One more step",
    step_up: |host| format!("{host} asks for more than your sign-in: enter a code from your authenticator app."),
    step_up_none: |host| {
        format!(
            "{host} is open only to accounts with two-step sign-in, and yours has none yet. Set it up and open the page again."
        )
    },
    step_up_set_up: "Set up two-step sign-in",
    step_up_back: "Open the page again",
    enter_heading: "You are signed in",
    enter: |host| format!("In a moment you are at {host}."),
    enter_link: "Go on",
    lost_heading: "The sign-in did not arrive",
    lost: |host| {
        format!(
            "You are signed in here, but {host} does not know it. The link may be too old, or was opened in another browser."
        )
    },
    lost_advice: "Open the page again. If that does not help, the browser keeps no cookies for that site, or its proxy does \
                  not pass them on: tell whoever runs it.",
    lost_link: "Open the page again",
};

/// French.
pub static FR: AccessTexts = AccessTexts {
    not_admitted_heading: "Cette page ne vous est pas ouverte",
    not_admitted: "Personne ne peut ouvrir cette page. Si cela vous semble une erreur, adressez-vous à la personne qui \
                   gère ce site.",
    not_admitted_as: |email| {
        format!(
            "Vous êtes connecté en tant que {email}, et ce compte ne peut pas ouvrir la page. Adressez-vous à la personne \
             qui gère ce site, ou connectez-vous avec un autre compte."
        )
    },
    not_admitted_home: "Votre compte",
    step_up_heading: "Encore une étape",
    step_up: |host| {
        format!("{host} demande plus que votre connexion : saisissez un code de votre application d’authentification.")
    },
    step_up_none: |host| {
        format!(
            "{host} n’est ouvert qu’aux comptes protégés par la connexion en deux étapes, et le vôtre ne l’est pas encore. \
             Activez-la, puis rouvrez la page."
        )
    },
    step_up_set_up: "Activer la connexion en deux étapes",
    step_up_back: "Rouvrir la page",
    enter_heading: "Vous êtes connecté",
    enter: |host| format!("Dans un instant, vous serez sur {host}."),
    enter_link: "Continuer",
    lost_heading: "La connexion n’est pas arrivée",
    lost: |host| {
        format!(
            "Vous êtes connecté ici, mais {host} ne le sait pas. Le lien est peut-être trop ancien, ou a été ouvert dans un \
             autre navigateur."
        )
    },
    lost_advice: "Ouvrez de nouveau la page. Si cela ne suffit pas, le navigateur ne garde pas de cookies pour ce site, ou \
                  son serveur mandataire ne les transmet pas\u{202f}: prévenez la personne qui le gère.",
    lost_link: "Ouvrir de nouveau la page",
};
