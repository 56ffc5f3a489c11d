//! What mails say.

use super::*;
use crate::mail::{Notice, letter::Letter};

/// One of each kind, and of those that say different things one of each.
fn all(name: &str, label: &str) -> Vec<Mail> {
    let name: model::types::Username = name.parse().unwrap();
    let authenticator = Line::new(label);
    let occasion = Occasion { device: Some(Line::new(label)), ..occasion() };
    let mut mails = vec![
        Mail::Test,
        Mail::VerifyCode { code: "314159".into(), occasion: occasion.clone() },
        Mail::SignInCode { name: name.clone(), code: "314159".into(), occasion: occasion.clone() },
        Mail::ResetLink {
            name: name.clone(),
            link: SiteLink::new(&testing::settings(), "/reset/s3cret"),
            occasion: occasion.clone(),
        },
        Mail::ResetByAdmin { name: name.clone(), link: SiteLink::new(&testing::settings(), "/enrol/s3cret") },
        Mail::Invite { link: SiteLink::new(&testing::settings(), "/enrol/s3cret"), until: NOW },
        Mail::Welcome { name: name.clone() },
        Mail::FailureBurst { failures: 120, addresses: 40, since: NOW, until: NOW + Duration::HOUR },
        Mail::LogDamaged { at: NOW },
    ];
    let notices = [
        Notice::NewDevice,
        Notice::DeviceTrusted(authenticator.clone()),
        Notice::DeviceReused(authenticator.clone()),
        Notice::AuthenticatorAdded(authenticator.clone()),
        Notice::AuthenticatorRemoved(authenticator.clone()),
        Notice::AuthenticatorRotated(authenticator.clone()),
        Notice::RecoveryCodeUsed { left: 0 },
        Notice::RecoveryCodeUsed { left: 1 },
        Notice::RecoveryCodeUsed { left: 9 },
        Notice::RecoveryCodesChanged,
        Notice::ResetDone,
        Notice::EmailChanged { goes_here: true },
        Notice::EmailChanged { goes_here: false },
        Notice::IdentityLinked(authenticator.clone()),
        Notice::IdentityUnlinked(authenticator.clone()),
        Notice::TokenCreated(authenticator.clone()),
        Notice::AccountDeleted,
        Notice::SteppedUp { failures: 5 },
    ];
    mails.extend(notices.map(|notice| notify(&name, notice, occasion.clone())));
    for overdue in [false, true] {
        let (name, authenticator) = (name.clone(), authenticator.clone());
        mails.push(Mail::RotationDue { name, authenticator, since: NOW, overdue });
    }
    mails
}

fn notify(name: &model::types::Username, notice: Notice, occasion: Occasion) -> Mail {
    Mail::Notice { name: name.clone(), notice, occasion }
}

fn ada_is_told(notice: Notice, occasion: Occasion) -> Mail {
    notify(&"ada".parse().unwrap(), notice, occasion)
}

fn written(mail: &Mail, language: Language) -> Letter {
    Letter::write(&testing::settings(), mail, language).unwrap()
}

/// The text of an HTML document, as a reader sees it.
fn seen(html: &str) -> String {
    let body = html.split_once("<body>").unwrap().1;
    let mut text = String::new();
    let mut in_tag = false;
    for c in body.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    ["&#60;", "&#62;", "&#34;", "&#39;", "&#38;"]
        .into_iter()
        .zip(["<", ">", "\"", "'", "&"])
        .fold(text, |text, (escaped, plain)| text.replace(escaped, plain))
}

#[test]
fn every_mail_has_subject_heading_and_the_same_words_in_both_parts() {
    let mut kinds = std::collections::HashSet::new();
    for mail in all("ada", "My phone") {
        kinds.insert(mail.kind());
        for language in Language::ALL {
            let Letter { subject, html, text } = written(&mail, language);
            let title = subject.strip_prefix("[reflect] ").unwrap_or_else(|| panic!("{subject}"));
            assert!(title.chars().count() > 3 && html.contains(&format!("<h1>{title}</h1>")), "{html}");
            assert!(html.starts_with(&format!("<!doctype html>\n<html lang=\"{language}\">")));
            let seen = seen(&html);
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "--") {
                // Facts are rows of a table there, and the button has no colon.
                for part in line.split(": ").flat_map(|part| part.trim_end_matches([':', '：']).split('：'))
                {
                    assert!(seen.contains(part), "{part} is missing in {seen}");
                }
            }
        }
    }
    let mails =
        model::types::MailKind::ALL.into_iter().filter(|kind| *kind != model::types::MailKind::Webhook);
    assert_eq!(kinds.len(), mails.count());
}

#[test]
fn languages_differ_and_chinese_is_chinese() {
    for mail in all("ada", "phone") {
        let english = written(&mail, Language::English);
        let chinese = written(&mail, Language::Chinese);
        let han = |text: &str| text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
        assert_eq!(han(&english.text), 0, "{}", english.text);
        assert!(han(&chinese.text) > 20 && han(&chinese.subject) >= 3, "{}", chinese.text);
        // Sentences of the other language that were forgotten.
        assert!(!chinese.text.contains(" the ") && !chinese.html.contains("Or copy"), "{}", chinese.text);
    }
}

#[test]
fn nothing_is_left_unfilled_or_loaded_from_elsewhere() {
    for mail in all("ada", "phone") {
        for language in Language::ALL {
            let Letter { subject, html, text } = written(&mail, language);
            for part in [&subject, &text, &html.replace("{ ", "").replace(" }", "")] {
                for placeholder in ["{{", "}}", "{%", "{name}", "{instance}", "None", "Some("] {
                    assert!(!part.contains(placeholder), "{placeholder} in {part}");
                }
            }
            for loading in ["<img", "<link", "<script", "url(", "@import", "src="] {
                assert!(!html.contains(loading), "{loading} in {html}");
            }
            assert!(!text.contains("\n\n\n") && !text.contains("  \n"), "{text}");
        }
    }
}

#[test]
fn a_link_is_on_the_button_beside_it_in_words_and_once_in_the_text() {
    for mail in all("ada", "phone") {
        let link = match &mail {
            Mail::ResetLink { .. } => "http://localhost/reset/s3cret".to_owned(),
            Mail::ResetByAdmin { .. } | Mail::Invite { .. } => "http://localhost/enrol/s3cret".to_owned(),
            Mail::Notice { notice, .. } => format!("http://localhost{}", notice.page()),
            Mail::RotationDue { .. } => "http://localhost/settings/authenticators".to_owned(),
            _ => "http://localhost/".to_owned(),
        };
        let expected = usize::from(!matches!(mail, Mail::VerifyCode { .. } | Mail::SignInCode { .. }));
        for language in Language::ALL {
            let Letter { html, text, .. } = written(&mail, language);
            assert_eq!(text.matches("http://").count(), expected, "{text}");
            assert_eq!(text.lines().filter(|line| *line == link).count(), expected, "{text}");
            assert_eq!(html.matches("href=").count(), expected, "{html}");
            assert_eq!(html.matches(&format!("href=\"{link}\"")).count(), expected, "{html}");
            assert_eq!(seen(&html).matches("http://").count(), expected, "{html}");
        }
    }
}

#[test]
fn names_that_others_chose_stay_text() {
    let hostile = "</td><a href=\"http://evil.example\">click</a>\r\nBcc: x@evil.example & 'co'";
    for mail in all("o.k-李雷", hostile) {
        for language in Language::ALL {
            let Letter { html, text, subject } = written(&mail, language);
            assert!(!html.contains("<a href=\"http://evil") && !html.contains("</td><a"), "{html}");
            assert!(!text.lines().any(|line| line.starts_with("Bcc")), "{text}");
            assert!(!subject.contains("evil"));
        }
    }
    let hostile = Occasion { device: Some(Line::new("<b>&")), ..occasion() };
    let mail = ada_is_told(Notice::NewDevice, hostile);
    assert!(written(&mail, Language::English).html.contains("<td>&#60;b&#62;&#38;</td>"));
}

#[test]
fn facts_say_when_where_and_which_device() {
    let mapped = Occasion { address: Some("::ffff:192.0.2.7".parse().unwrap()), ..occasion() };
    let mail = ada_is_told(Notice::NewDevice, mapped);
    let english = written(&mail, Language::English).text;
    for fact in
        ["When: 21 November 2026, 09:05 UTC\n", "Device: Firefox on Linux\n", "IP address: 192.0.2.7\n"]
    {
        assert!(english.contains(fact), "{english}");
    }
    let chinese = written(&mail, Language::Chinese).text;
    assert!(chinese.contains("时间：2026年11月21日 09:05（UTC）\n"), "{chinese}");
    let unknown = Occasion { address: None, device: None, ..occasion() };
    let mail = ada_is_told(Notice::NewDevice, unknown);
    let text = written(&mail, Language::English).text;
    assert!(!text.contains("Device:") && !text.contains("IP address:"), "{text}");
}

#[test]
fn the_code_and_what_is_left_are_told() {
    let text = |mail: &Mail| written(mail, Language::English).text;
    let code = Mail::VerifyCode { code: "031415".into(), occasion: occasion() };
    assert!(text(&code).contains("\n    031415\n"), "{}", text(&code));
    let name = "ada".parse().unwrap();
    let code = Mail::SignInCode { name, code: "031415".into(), occasion: occasion() };
    assert!(text(&code).contains("\n    031415\n") && text(&code).contains("account ada"), "{}", text(&code));
    for (left, words) in
        [(0, "the last one"), (1, "Only 1 code left"), (2, "Only 2 codes left"), (9, "9 codes are left")]
    {
        let mail = ada_is_told(Notice::RecoveryCodeUsed { left }, occasion());
        assert!(text(&mail).contains(words), "{}", text(&mail));
    }
}
