export { type Notice, type Press } from './notice.js';
export { shown } from './shown.js';
export { standing, told } from './told.js';
export { signWebhook, verifyWebhook, webhookKey, type WebhookHeaders } from './standard-webhook.js';
export { isFresh, signSlack, SLACK_WINDOW_MS, verifySlack, type SlackSigned } from './slack-signature.js';
export { escapedForSlack, slackMessage, type SlackMessage } from './slack-message.js';
export { readSlackPress } from './slack-interaction.js';
export { teamsCard } from './teams-card.js';
export { readTeamsPress, type TeamsPress } from './teams-activity.js';
