//! What an owner is told, in Simplified Chinese.

use model::types::Username;

use super::{LABELS, moment};
use crate::mail::{
    Notice, Occasion,
    letter::{Draft, Frame},
};

/// What somebody does who finds another one in their account.
fn not_you(name: &Username, frame: &Frame<'_>) -> String {
    format!(
        "如果不是你本人，说明有人能以 {name} 的身份登录。请登录后移除你不认识的验证器、设备和 API 令牌，并重新生成恢复码。如果无法登录，请联系 {} 的管理者重置账户。",
        frame.instance
    )
}

pub(super) fn draft(notice: &Notice, name: &Username, occasion: &Occasion, frame: &Frame<'_>) -> Draft {
    let (title, paragraphs) = says(notice, name);
    Draft {
        title: title.into(),
        paragraphs,
        facts: LABELS.facts(occasion, moment),
        action: Some((button(notice).into(), frame.page(notice.page()))),
        advice: advice(notice, name, frame),
        ..Draft::default()
    }
}

fn says(notice: &Notice, name: &Username) -> (&'static str, Vec<String>) {
    match notice {
        Notice::NewDevice => {
            ("新设备登录", vec![format!("有人登录了账户 {name}，所用的设备或网络在最近 90 天内从未出现过。")])
        }
        Notice::DeviceTrusted(device) => {
            ("已信任一台设备", vec![format!("设备“{device}”在 90 天内无需验证码即可登录账户 {name}。")])
        }
        Notice::DeviceReused(device) => (
            "受信任的设备被复制",
            vec![
                format!(
                    "设备“{device}”用来免验证码登录账户 {name} 的凭据被第二次使用。凭据每次使用后都会更换，说明有两方持有它：你，以及复制了它的人。从备份恢复过浏览器文件时也会如此。"
                ),
                "该设备已不再受信任，双方用它打开的登录都已结束。".into(),
            ],
        ),
        Notice::AuthenticatorAdded(authenticator) => {
            ("已添加验证器", vec![format!("验证器“{authenticator}”现在可以登录账户 {name}。")])
        }
        Notice::AuthenticatorRemoved(authenticator) => {
            ("已移除验证器", vec![format!("验证器“{authenticator}”不能再登录账户 {name}。")])
        }
        Notice::AuthenticatorRotated(authenticator) => (
            "验证器密钥已更换",
            vec![format!("账户 {name} 的验证器“{authenticator}”已更换密钥，旧密钥生成的验证码不再有效。")],
        ),
        Notice::RecoveryCodeUsed { left } => (
            "恢复码已被使用",
            vec![
                format!("有人使用了账户 {name} 的一个恢复码。"),
                match left {
                    0 => "这是最后一个。请趁登录时立即生成新的恢复码。".into(),
                    1 | 2 => format!("只剩 {left} 个，请尽快生成新的恢复码。"),
                    _ => format!("还剩 {left} 个。"),
                },
            ],
        ),
        Notice::RecoveryCodesChanged => {
            ("已生成新的恢复码", vec![format!("账户 {name} 有十个新的恢复码，旧的恢复码已失效。")])
        }
        Notice::ResetDone => (
            "你的账户已重新设置",
            vec![format!(
                "账户 {name} 已有新的验证器和新的恢复码。旧的已失效，API 令牌也已失效，所有登录都已结束。"
            )],
        ),
        Notice::EmailChanged { goes_here: true } => {
            ("邮件将发送到此邮箱", vec![format!("从现在起，关于账户 {name} 的邮件将发送到此邮箱。")])
        }
        Notice::EmailChanged { goes_here: false } => (
            "邮件将发送到其他邮箱",
            vec![format!("从现在起，关于账户 {name} 的邮件将发送到其他邮箱。这是发送到此邮箱的最后一封。")],
        ),
        Notice::IdentityLinked(identity) => {
            ("已关联其他登录方式", vec![format!("其他提供方的账户“{identity}”现在可以登录账户 {name}。")])
        }
        Notice::IdentityUnlinked(identity) => {
            ("已取消关联的登录方式", vec![format!("其他提供方的账户“{identity}”不能再登录账户 {name}。")])
        }
        Notice::TokenCreated(token) => (
            "已创建 API 令牌",
            vec![format!(
                "持有 API 令牌“{token}”的人现在可以通过程序使用账户 {name}，无需验证码。它能做什么、何时到期，请见下面的页面。"
            )],
        ),
        Notice::AccountDeleted => (
            "你的账户已删除",
            vec![format!(
                "账户 {name} 已删除，其图片和所有内容也一并删除。此操作无法撤销，这是关于它的最后一封邮件。"
            )],
        ),
        Notice::SteppedUp { failures } => (
            "有人在猜测你的验证码",
            vec![
                format!(
                    "有人为账户 {name} 输入了 {failures} 次错误的验证码。从现在起，陌生设备需要连续两个验证码，没有人能猜中。"
                ),
                "你无需任何操作：账户是安全的，你也不会被锁定。在新设备上登录时多等一个验证码即可。".into(),
            ],
        ),
    }
}

const fn button(notice: &Notice) -> &'static str {
    match notice {
        Notice::NewDevice | Notice::ResetDone | Notice::SteppedUp { .. } => "查看活动记录",
        Notice::DeviceTrusted(_) | Notice::DeviceReused(_) => "查看设备",
        Notice::AuthenticatorAdded(_) | Notice::AuthenticatorRemoved(_) | Notice::AuthenticatorRotated(_) => {
            "查看验证器"
        }
        Notice::RecoveryCodeUsed { .. } | Notice::RecoveryCodesChanged => "查看恢复码",
        Notice::TokenCreated(_) => "查看 API 令牌",
        Notice::AccountDeleted => "前往网站",
        Notice::EmailChanged { .. } | Notice::IdentityLinked(_) | Notice::IdentityUnlinked(_) => "查看账户",
    }
}

fn advice(notice: &Notice, name: &Username, frame: &Frame<'_>) -> Vec<String> {
    match notice {
        Notice::SteppedUp { .. } => vec!["如果是你本人，请检查手机时间是否准确。".into()],
        Notice::AccountDeleted => {
            vec![format!("如果不是你本人，说明有人能以 {name} 的身份登录：请告知 {} 的管理者。", frame.instance)]
        }
        Notice::ResetDone => vec![format!(
            "如果不是你本人，说明有人得到了链接，可能正在查看你的邮件。请先保护好邮箱，再联系 {} 的管理者重置账户。",
            frame.instance
        )],
        Notice::DeviceReused(_) => vec![
            "请在活动记录中确认每个地址你都认识。如果有不认识的，说明有人接触过该设备或其文件：再次信任之前，请先检查设备上是否有不该有的东西。"
                .into(),
            not_you(name, frame),
        ],
        Notice::RecoveryCodeUsed { .. } => {
            vec!["如果是因为手机丢失，请在新手机上设置验证器。".into(), not_you(name, frame)]
        }
        _ => vec![not_you(name, frame)],
    }
}
