namespace Warren.Server.Configuration;

/// <summary>One key with its value as written, before anyone knows what it means.</summary>
/// <param name="Key">Dotted words in lower case.</param>
/// <param name="Value">The text, without quotes and surrounding blanks.</param>
/// <param name="Origin">Where it was written, for messages: "warren.conf:12", "WARREN_HEARTBEAT", "--set".</param>
/// <param name="Forgiving">Whether an unknown key is a warning only, because others write there too.</param>
public readonly record struct ConfigSetting(string Key, string Value, string Origin, bool Forgiving = false);
