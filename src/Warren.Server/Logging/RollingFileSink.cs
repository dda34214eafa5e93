using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Warren.Server.Logging;

/// <summary>Log lines in a file that is renamed to <c>name.1</c>, <c>name.2</c> … when it has grown.</summary>
/// <remarks>Not thread-safe. The file is opened with the first line, so that a full disk does not stop a start.</remarks>
public sealed class RollingFileSink : ILogSink
{
    private readonly string _path;
    private readonly long _rotationBytes;
    private readonly int _rotationCount;
    private readonly RotationSchedule? _schedule;
    private readonly TimeProvider _time;
    private volatile LogLevel _level;
    private FileStream? _file;
    private DateTimeOffset _due = DateTimeOffset.MaxValue;

    /// <param name="path">The current file; its directory is made when missing.</param>
    /// <param name="level">The least serious level taken.</param>
    /// <param name="rotationBytes">Size at which a new file is begun.</param>
    /// <param name="rotationCount">Old files kept; 0 empties the file instead.</param>
    /// <param name="schedule">When a new file is begun whatever its size; null: never.</param>
    /// <param name="time">The clock of the schedule. Null: the system's.</param>
    /// <param name="format">How its lines look.</param>
    public RollingFileSink(
        string path,
        LogLevel level,
        long rotationBytes,
        int rotationCount,
        RotationSchedule? schedule = null,
        TimeProvider? time = null,
        LogFormat format = LogFormat.PlainText)
    {
        _path = path;
        _rotationBytes = rotationBytes;
        _rotationCount = rotationCount;
        _schedule = schedule;
        _time = time ?? TimeProvider.System;
        _level = level;
        Format = format;
    }

    /// <inheritdoc/>
    public LogLevel Level
    {
        get => _level;
        set => _level = value;
    }

    /// <inheritdoc/>
    public LogFormat Format { get; }

    /// <summary>The current file.</summary>
    public string FilePath => _path;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> lines)
    {
        _file ??= OpenAgain();
        if (_file.Length > 0 && (_file.Length + lines.Length > _rotationBytes || IsDue()))
        {
            Rotate();
        }

        _file.Write(lines);
        _file.Flush();
    }

    /// <inheritdoc/>
    [MemberNotNull(nameof(_file))]
    public void Rotate()
    {
        _file?.Dispose();
        _file = null;
        RenameOld();
        _file = Open(FileMode.Create);
        _due = NextAfter(_time.GetLocalNow());
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    // A file that was written before the last turn is due at once.
    private FileStream OpenAgain()
    {
        var existing = new FileInfo(_path);
        _due = NextAfter(existing.Exists
            ? TimeZoneInfo.ConvertTime(new DateTimeOffset(existing.LastWriteTimeUtc, TimeSpan.Zero), _time.LocalTimeZone)
            : _time.GetLocalNow());
        return Open(FileMode.Append);
    }

    private bool IsDue() => _schedule is not null && _time.GetLocalNow() >= _due;

    private DateTimeOffset NextAfter(DateTimeOffset time) => _schedule?.Next(time) ?? DateTimeOffset.MaxValue;

    private FileStream Open(FileMode mode)
    {
        if (Path.GetDirectoryName(_path) is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
        }

        return new FileStream(_path, mode, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }

    private void RenameOld()
    {
        for (int number = _rotationCount; number > 0; number--)
        {
            string younger = number == 1 ? _path : $"{_path}.{number - 1}";
            if (File.Exists(younger))
            {
                File.Move(younger, $"{_path}.{number}", overwrite: true);
            }
        }
    }
}
