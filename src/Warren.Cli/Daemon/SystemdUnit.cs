namespace Warren.Cli.Daemon;

/// <summary>The unit file of a server under systemd.</summary>
internal static class SystemdUnit
{
    /// <summary>The text of the file.</summary>
    public static string Write(DaemonSettings settings)
    {
        string command = string.Join(' ', new[] { settings.Executable }.Concat(settings.Arguments).Select(Quoted));
        string user = settings.User is null ? "" : $"User={settings.User}\n";
        return $"""
            [Unit]
            Description=Warren message broker
            After=network-online.target
            Wants=network-online.target

            [Service]
            Type=notify
            ExecStart={command}
            ExecReload=/bin/kill -HUP $MAINPID
            {user}StateDirectory=warren
            LogsDirectory=warren
            ConfigurationDirectory=warren
            UMask=0027
            LimitNOFILE=1048576
            Restart=on-failure
            RestartSec=10
            TimeoutStartSec=600
            TimeoutStopSec=120
            WatchdogSec=60
            OOMScoreAdjust=-500
            NoNewPrivileges=true
            ProtectSystem=full
            PrivateTmp=true

            [Install]
            WantedBy=multi-user.target

            """.ReplaceLineEndings("\n");
    }

    // systemd.service(5): quotes group, a backslash escapes, % and $ begin expansions.
    private static string Quoted(string word)
    {
        string escaped = word
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("%", "%%", StringComparison.Ordinal)
            .Replace("$", "$$", StringComparison.Ordinal);
        return escaped.Any(char.IsWhiteSpace) ? $"\"{escaped}\"" : escaped;
    }
}
