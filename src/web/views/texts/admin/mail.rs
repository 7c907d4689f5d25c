//! Words of the administration: mail.

table! {
    /// Words of one part of the administration, in one language.
    MailTexts {
        title: &'static str,
    }
}

/// English.
pub static EN: MailTexts = MailTexts { title: "Mail" };

/// French.
pub static FR: MailTexts = MailTexts { title: "Courrier" };
