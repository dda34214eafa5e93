using System.Globalization;

namespace Warren.Server.Logging;

/// <summary>
/// When a new log file is begun, as RabbitMQ writes it: <c>$H30</c> at minute 30 of every hour, <c>$D0</c> every day at
/// midnight, <c>$W0D23</c> on Sundays at 23:00, <c>$M1D0</c> on the first of the month at midnight. Local time.
/// </summary>
public sealed class RotationSchedule
{
    private readonly string _text;
    private readonly int? _minute; // of every hour
    private readonly int? _weekDay; // 0: Sunday
    private readonly int? _monthDay;
    private readonly int _hour;

    private RotationSchedule(string text, int? minute, int? weekDay, int? monthDay, int hour)
    {
        _text = text;
        _minute = minute;
        _weekDay = weekDay;
        _monthDay = monthDay;
        _hour = hour;
    }

    /// <summary>Reads a schedule.</summary>
    public static bool TryParse(string? text, out RotationSchedule? schedule)
    {
        schedule = null;
        if (text is not ['$', ..])
        {
            return false;
        }

        ReadOnlySpan<char> rest = text.AsSpan(1);
        if (TryTake(ref rest, 'H', 0, 59, out int minute))
        {
            schedule = rest.IsEmpty ? new RotationSchedule(text, minute, null, null, 0) : null;
            return schedule is not null;
        }

        int? weekDay = TryTake(ref rest, 'W', 0, 6, out int week) ? week : null;
        int? monthDay = weekDay is null && TryTake(ref rest, 'M', 1, 31, out int month) ? month : null;
        if (!TryTake(ref rest, 'D', 0, 23, out int hour) || !rest.IsEmpty)
        {
            return false;
        }

        schedule = new RotationSchedule(text, null, weekDay, monthDay, hour);
        return true;
    }

    /// <summary>The first moment after <paramref name="time"/> at which a new file is due.</summary>
    public DateTimeOffset Next(DateTimeOffset time)
    {
        if (_minute is int minute)
        {
            DateTimeOffset hour = time.AddTicks(-(time.Ticks % TimeSpan.TicksPerHour)).AddMinutes(minute);
            return hour > time ? hour : hour.AddHours(1);
        }

        DateTimeOffset day = new DateTimeOffset(time.Date, time.Offset).AddHours(_hour);
        while (day <= time || !Falls(day))
        {
            day = day.AddDays(1);
        }

        return day;
    }

    /// <inheritdoc/>
    public override string ToString() => _text;

    // A month without that day has its turn on its last.
    private bool Falls(DateTimeOffset day) =>
        (_weekDay is null || (int)day.DayOfWeek == _weekDay)
        && (_monthDay is null || day.Day == Math.Min(_monthDay.Value, DateTime.DaysInMonth(day.Year, day.Month)));

    private static bool TryTake(ref ReadOnlySpan<char> rest, char letter, int smallest, int largest, out int number)
    {
        number = 0;
        if (rest.IsEmpty || rest[0] != letter)
        {
            return false;
        }

        int length = 1;
        while (length < rest.Length && length < 3 && char.IsAsciiDigit(rest[length]))
        {
            length++;
        }

        bool fits = int.TryParse(rest[1..length], NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number >= smallest
            && number <= largest;
        rest = fits ? rest[length..] : rest;
        return fits;
    }
}
