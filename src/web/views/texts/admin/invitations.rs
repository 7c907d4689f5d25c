//! Words of the administration: invitations.

table! {
    /// Words of one part of the administration, in one language.
    InvitationsTexts {
        title: &'static str,
    }
}

/// English.
pub static EN: InvitationsTexts = InvitationsTexts { title: "Invitations" };

/// French.
pub static FR: InvitationsTexts = InvitationsTexts { title: "Invitations" };
