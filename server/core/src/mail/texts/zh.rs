//! Simplified Chinese.

use time::{OffsetDateTime, UtcOffset, macros::format_description};

use super::{Labels, Texts};
use crate::mail::{
    AuthenticatorChange, Mail,
    letter::{Draft, Frame},
};

pub(super) static TEXTS: Texts =
    Texts { draft, footer, colon: "：", link_hint: "或将此地址复制到浏览器：" };

const LABELS: Labels = Labels { when: "时间", address: "IP 地址", device: "设备" };

fn footer(frame: &Frame<'_>) -> String {
    format!(
        "此邮件由 {}（{}）发出，因为你的邮箱属于那里的账户，或有人在那里填写了它。",
        frame.instance, frame.host
    )
}

/// `2026年11月21日 09:05（UTC）`.
fn moment(at: OffsetDateTime) -> String {
    let format =
        format_description!("[year]年[month padding:none]月[day padding:none]日 [hour]:[minute]（UTC）");
    at.to_offset(UtcOffset::UTC).format(format).unwrap_or_default()
}

/// Somebody else is in the account.
fn not_you(name: &impl std::fmt::Display, frame: &Frame<'_>) -> String {
    format!(
        "如果不是你本人，说明有人能以 {name} 的身份登录。请登录后移除你不认识的验证器和设备，并重新生成恢复码。如果无法登录，请联系 {} 的管理者重置账户。",
        frame.instance
    )
}

fn draft(mail: &Mail, frame: &Frame<'_>) -> Draft {
    let instance = frame.instance;
    let home = Some((format!("打开 {instance}"), frame.home.clone()));
    match mail {
        Mail::Test => Draft {
            title: "邮件可以正常发送".into(),
            paragraphs: vec![format!("这是 {instance} 为检查邮件设置而发送的，与其他邮件走相同的途径。")],
            action: home,
            ..Draft::default()
        },
        Mail::VerifyCode { code, occasion } => Draft {
            title: "你的验证码".into(),
            paragraphs: vec![format!("请在 {instance} 的页面中输入此验证码。十分钟内有效，只能使用一次。")],
            code: Some(code.clone()),
            facts: LABELS.facts(occasion, moment),
            advice: vec![format!(
                "如果你没有请求验证码，可能是有人填错了邮箱，忽略即可。请勿告诉任何人，{instance} 的人员绝不会向你索要。"
            )],
            ..Draft::default()
        },
        Mail::ResetLink { name, link, occasion } => Draft {
            title: "重新登录的链接".into(),
            paragraphs: vec![
                format!(
                    "有人（希望是你）请求找回账户 {name}。你可以通过此链接设置新的验证器。三十分钟内有效，只能使用一次。"
                ),
                "完成之前一切不变。完成后，旧的验证器和恢复码将失效，所有登录都会结束。".into(),
            ],
            facts: LABELS.facts(occasion, moment),
            action: Some(("重新设置".into(), link.clone())),
            advice: vec!["如果不是你本人，无需任何操作：没有此链接谁也无法登录。请勿转发此邮件。".into()],
            ..Draft::default()
        },
        Mail::Welcome { name } => Draft {
            title: format!("欢迎使用 {instance}"),
            paragraphs: vec![
                format!("账户 {name} 已设置完成。登录时使用这个名字和验证器应用中的六位数字，没有密码。"),
                "请把恢复码保存在没有手机也能找到的地方，每个可以登录一次。".into(),
            ],
            action: home,
            advice: vec![format!(
                "如果这个账户不是你创建的，说明有人填写了你的邮箱，请告知 {instance} 的管理者。"
            )],
            ..Draft::default()
        },
        Mail::AuthenticatorChanged { name, authenticator, change, occasion } => {
            let (title, what) = match change {
                AuthenticatorChange::Added => {
                    ("已添加验证器", format!("验证器“{authenticator}”现在可以登录账户 {name}。"))
                }
                AuthenticatorChange::Removed => {
                    ("已移除验证器", format!("验证器“{authenticator}”不能再登录账户 {name}。"))
                }
                AuthenticatorChange::Rotated => (
                    "验证器密钥已更换",
                    format!("账户 {name} 的验证器“{authenticator}”已更换密钥，旧密钥生成的验证码不再有效。"),
                ),
            };
            Draft {
                title: title.into(),
                paragraphs: vec![what],
                facts: LABELS.facts(occasion, moment),
                action: home,
                advice: vec![not_you(name, frame)],
                ..Draft::default()
            }
        }
        Mail::ResetDone { name, occasion } => Draft {
            title: "你的账户已重新设置".into(),
            paragraphs: vec![format!(
                "账户 {name} 已有新的验证器和新的恢复码。旧的已失效，所有登录都已结束。"
            )],
            facts: LABELS.facts(occasion, moment),
            action: home,
            advice: vec![format!(
                "如果不是你本人，说明有人得到了链接，可能正在查看你的邮件。请先保护好邮箱，再联系 {instance} 的管理者重置账户。"
            )],
            ..Draft::default()
        },
        Mail::NewDevice { name, occasion } => Draft {
            title: "新设备登录".into(),
            paragraphs: vec![format!("一台从未见过的设备登录了账户 {name}。")],
            facts: LABELS.facts(occasion, moment),
            action: home,
            advice: vec![not_you(name, frame)],
            ..Draft::default()
        },
        Mail::RecoveryCodeUsed { name, left, occasion } => Draft {
            title: "恢复码已被使用".into(),
            paragraphs: vec![
                format!("有人使用恢复码登录了账户 {name}。"),
                match left {
                    0 => "这是最后一个。请趁登录时立即生成新的恢复码。".into(),
                    1 | 2 => format!("只剩 {left} 个，请尽快生成新的恢复码。"),
                    _ => format!("还剩 {left} 个。"),
                },
            ],
            facts: LABELS.facts(occasion, moment),
            action: home,
            advice: vec!["如果是因为手机丢失，请在新手机上设置验证器。".into(), not_you(name, frame)],
            ..Draft::default()
        },
        Mail::RotationDue { name, authenticator, since, overdue } => Draft {
            title: "该更换验证器密钥了".into(),
            paragraphs: vec![
                format!("账户 {name} 的验证器“{authenticator}”自 {} 起一直使用同一个密钥。", moment(*since)),
                if *overdue {
                    "时间已经过长，请在下次登录时更换，只需一分钟。".into()
                } else {
                    "更换后，可能复制过旧密钥的人就无法再使用它。只需一分钟。".into()
                },
            ],
            action: home,
            advice: vec!["你的账户没有问题，这只是提醒。".into()],
            ..Draft::default()
        },
        Mail::StepUp { name, failures, occasion } => Draft {
            title: "有人在猜测你的验证码".into(),
            paragraphs: vec![
                format!(
                    "账户 {name} 有 {failures} 次错误的验证码，没有一次正确。从现在起，陌生设备需要连续两个验证码，没有人能猜中。"
                ),
                "你无需任何操作：账户是安全的，你也不会被锁定。在新设备上登录时多等一个验证码即可。".into(),
            ],
            facts: LABELS.facts(occasion, moment),
            action: home,
            advice: vec!["如果是你本人，请检查手机时间是否准确。".into()],
            ..Draft::default()
        },
        Mail::FailureBurst { failures, addresses, since, until } => Draft {
            title: "大量登录失败".into(),
            paragraphs: vec![
                format!("来自 {addresses} 个 IP 地址的 {failures} 次登录失败。"),
                "限制有效：被猜测的账户会要求陌生设备连续输入两个验证码，没有人会被锁定。".into(),
            ],
            facts: vec![("最早", moment(*since)), ("最近", moment(*until))],
            action: home,
            advice: vec![format!(
                "你是 {instance} 的管理员，因此收到此邮件。如果持续发生，请在服务器前端屏蔽来源网络。"
            )],
            ..Draft::default()
        },
    }
}
