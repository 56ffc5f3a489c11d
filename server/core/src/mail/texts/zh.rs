//! Simplified Chinese.

mod notice;

use time::{OffsetDateTime, UtcOffset, macros::format_description};

use super::{AUTHENTICATORS, Labels, Texts};
use crate::mail::{
    Mail,
    letter::{Draft, Frame},
};

pub(super) static TEXTS: Texts =
    Texts { draft, footer, colon: "：", link_hint: "或将此地址复制到浏览器：" };

const LABELS: Labels = Labels { when: "时间", address: "IP 地址", device: "设备" };

/// What a way back ends.
const ENDS: &str = "完成之前一切不变。完成后，旧的验证器和恢复码、所有登录、受信任的设备、API 令牌以及已关联的身份提供方都将失效。";

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
        Mail::SignInCode { name, code, occasion } => Draft {
            title: "你的登录验证码".into(),
            paragraphs: vec![format!(
                "请在 {instance} 的页面中输入此验证码，以登录账户 {name}。十分钟内有效，只能使用一次。"
            )],
            code: Some(code.clone()),
            facts: LABELS.facts(occasion, moment),
            advice: vec![format!(
                "如果不是你本人操作，说明他人已掌握你验证器中的验证码：请登录，结束其他会话，并重新设置验证器。请勿将此验证码告诉任何人，{instance} 的人员绝不会向你索要。"
            )],
            ..Draft::default()
        },
        Mail::ResetLink { name, link, occasion } => Draft {
            title: "重新登录的链接".into(),
            paragraphs: vec![
                format!(
                    "有人（希望是你）请求找回账户 {name}。你可以通过此链接设置新的验证器。三十分钟内有效，只能使用一次。"
                ),
                ENDS.into(),
            ],
            facts: LABELS.facts(occasion, moment),
            action: Some(("重新设置".into(), link.clone())),
            advice: vec!["如果不是你本人，无需任何操作：没有此链接谁也无法登录。请勿转发此邮件。".into()],
            ..Draft::default()
        },
        Mail::ResetByAdmin { name, link } => Draft {
            title: "重新登录的链接".into(),
            paragraphs: vec![
                format!(
                    "{instance} 的管理员为你创建了找回账户 {name} 的链接，可用来设置新的验证器。二十四小时内有效，只能使用一次。"
                ),
                ENDS.into(),
            ],
            action: Some(("重新设置".into(), link.clone())),
            advice: vec![
                "如果你没有要求过，请询问管理员。持有此链接的人可以取得账户，请勿转发此邮件。".into(),
            ],
            ..Draft::default()
        },
        Mail::Invite { link, until } => Draft {
            title: format!("邀请你加入 {instance}"),
            paragraphs: vec![
                format!("{}（{instance}）的管理者邀请你在那里保存图片。", frame.host),
                format!(
                    "你只需要一个用户名和手机上的验证器应用，无需密码。链接只能使用一次，有效期至 {}。",
                    moment(*until)
                ),
            ],
            action: Some(("创建账户".into(), link.clone())),
            advice: vec!["如果你不清楚这是什么，无需任何操作，不会创建账户。".into()],
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
        Mail::Notice { name, notice, occasion } => notice::draft(notice, name, occasion, frame),
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
            action: Some(("立即更换".into(), frame.page(AUTHENTICATORS))),
            advice: vec!["你的账户没有问题，这只是提醒。".into()],
            ..Draft::default()
        },
        Mail::FailureBurst { failures, addresses, since, until } => Draft {
            title: "大量登录失败".into(),
            paragraphs: vec![
                format!("来自 {addresses} 个 IP 地址的 {failures} 次登录失败。"),
                "限制有效：所有账户现在都要求陌生设备连续输入两个验证码，无法猜中，也没有人会被锁定。".into(),
            ],
            facts: vec![("最早", moment(*since)), ("最近", moment(*until))],
            action: home,
            advice: vec![format!(
                "你是 {instance} 的管理员，因此收到此邮件。如果持续发生，请在服务器前端屏蔽来源网络。"
            )],
            ..Draft::default()
        },
        Mail::LogDamaged { at } => Draft {
            title: "审计日志被更改".into(),
            paragraphs: vec![
                "审计日志的末尾与之前留下的不一致：有人在数据库中更改了它，或者恢复了备份。日志中已注明此事，并会继续记录。"
                    .into(),
                "请在服务器上运行“reflect verify”，查看从哪一条开始不再可信。".into(),
            ],
            facts: vec![("发现时间", moment(*at))],
            action: home,
            advice: vec![format!(
                "你是 {instance} 的管理员，因此收到此邮件。如果没有人恢复过备份，说明有其他人可以写入数据库：请更换数据库密码，并检查谁能访问它。"
            )],
            ..Draft::default()
        },
    }
}
