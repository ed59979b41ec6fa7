// The words of the chat, in English and Chinese.

const TEXTS = {
  en: {
    title: "Chat with us", open: "Open chat", close: "Close chat", log: "Conversation", newMessages: "New messages",
    input: "Write a message…", send: "Send", sound: "Sound", transcript: "Download the conversation", unread: "{n} unread",
    you: "You", bot: "Assistant", agent: "Support team", system: "Notice", source: "Source: {titles}",
    related: "Others also asked",
    sending: "Sending…", queued: "Will be sent when you are back online", failed: "Not sent.", retry: "Try again", edit: "Edit",
    reconnecting: "Connection lost. Reconnecting…", offline: "You are offline. We will reconnect.",
    handoff: "Talk to a person", asking: "Asking for a person…", mode_bot: "Answers day and night",
    mode_waiting: "Waiting for a person", mode_agent: "You are talking to a person", mode_closed: "Conversation closed",
    back: "You are back with the assistant", restart: "Start a new conversation",
    up: "Helpful", down: "Not helpful", thanks: "Thank you, noted.", why: "What was wrong?",
    wrong: "Wrong answer", unclear: "Not clear", outdated: "Out of date", other: "Something else",
    comment: "Anything to add? (optional)", sendComment: "Send comment",
    attach: "Attach an image", image: "Image", imageSaying: "Image: {text}", attached: "Image attached", detach: "Remove image",
    uploading: "Uploading the image…", notUploaded: "The image was not uploaded.", tooMany: "At most {n} images in a message.",
    text_too_long: "{n} of {max} characters: please shorten it.", unavailable: "One moment, please…",
  },
  zh: {
    title: "在线客服", open: "打开聊天", close: "关闭聊天", log: "对话", newMessages: "新消息",
    input: "请输入消息…", send: "发送", sound: "提示音", transcript: "下载对话记录", unread: "{n} 条未读",
    you: "您", bot: "智能助手", agent: "人工客服", system: "提示", source: "来源：{titles}",
    related: "其他人还问了",
    sending: "发送中…", queued: "恢复连接后自动发送", failed: "未发送。", retry: "重试", edit: "编辑",
    reconnecting: "连接已断开，正在重连…", offline: "当前没有网络，恢复后会自动重连。",
    handoff: "转人工客服", asking: "正在请求人工…", mode_bot: "全天候即时解答",
    mode_waiting: "正在等待人工客服", mode_agent: "正在与人工客服对话", mode_closed: "对话已结束",
    back: "您已回到与智能助手的对话", restart: "开始新的对话",
    up: "有帮助", down: "没有帮助", thanks: "谢谢，已记录。", why: "哪里不对？",
    wrong: "答案错误", unclear: "没看懂", outdated: "内容过时", other: "其他原因",
    comment: "想补充什么吗？（可不填）", sendComment: "提交补充",
    attach: "添加图片", image: "图片", imageSaying: "图片：{text}", attached: "图片已添加", detach: "移除图片",
    uploading: "正在上传图片…", notUploaded: "图片没有上传成功。", tooMany: "一条消息最多 {n} 张图片。",
    text_too_long: "{n} / {max} 字，请缩短后再发送。", unavailable: "请稍候…",
  },
};
const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/;

const languageOf = (locale) => (/^zh/.test(locale) ? "zh" : "en");
const characters = (text) => [...text].length;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// "en_US" means en-US; what is no locale is English.
function localeOf(name) {
  try {
    return Intl.getCanonicalLocales(String(name).replace("_", "-"))[0];
  } catch {
    return "en";
  }
}
