//! Words about other programs: who may open them.

table! {
    /// Words about other programs, in one language.
    AccessTexts {
        not_admitted_heading: &'static str,
        not_admitted: &'static str,
        not_admitted_as: fn(&str) -> String,
        not_admitted_home: &'static str,
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
};
