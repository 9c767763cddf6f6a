using EdgeRoute.Protocol.Control;

namespace EdgeRoute.Cli.Top;

/// <summary>What the calibration says would come of a price, before anything is sent.</summary>
internal static class CurvePreview
{
    /// <summary>Between two points of the curve, on the line between them; beyond its ends, the end.</summary>
    public static CurvePoint? At(CalibrationCurve? curve, double price) => Between(curve?.Points, p => p.Price, price);

    /// <summary>The price whose predicted device time is so much; null without a curve.</summary>
    public static CurvePoint? AtDeviceMs(CalibrationCurve? curve, double deviceMs) =>
        Between(curve?.Points.AsEnumerable().Reverse().ToList(), p => p.DeviceMs, deviceMs);

    public static CertifiedFloor? FloorAt(CalibrationCurve? curve, double floor) =>
        curve?.Floors.Find(f => Math.Abs(f.Floor - floor) < 1e-9);

    /// <summary>The next price up or down that the curve knows; without one, a quarter more or a fifth less.</summary>
    public static double Step(CalibrationCurve? curve, double price, bool isUp)
    {
        const double smallest = 0.0001;
        if (curve is not { Points.Count: > 1 })
        {
            if (isUp)
            {
                return Math.Max(price * 1.25, smallest);
            }

            if (price * 0.8 < smallest)
            {
                return 0;
            }

            return price * 0.8;
        }

        var prices = curve.Points.Select(p => p.Price);
        return isUp ? prices.Where(p => p > price * 1.000001).DefaultIfEmpty(price).Min()
            : prices.Where(p => p < price * 0.999999).DefaultIfEmpty(0).Max();
    }

    /// <param name="points">By rising key.</param>
    private static CurvePoint? Between(IReadOnlyList<CurvePoint>? points, Func<CurvePoint, double> key, double wanted)
    {
        if (points is not { Count: > 0 })
        {
            return null;
        }

        int above = 0;
        while (above < points.Count && key(points[above]) < wanted)
        {
            above++;
        }

        if (above == 0 || above == points.Count)
        {
            return points[Math.Min(above, points.Count - 1)];
        }

        var (low, high) = (points[above - 1], points[above]);
        double span = key(high) - key(low);
        double share = span > 0 ? (wanted - key(low)) / span : 0;
        return new CurvePoint
        {
            Price = low.Price + (share * (high.Price - low.Price)), DeviceMs = low.DeviceMs + (share * (high.DeviceMs - low.DeviceMs)),
            Quality = low.Quality + (share * (high.Quality - low.Quality)),
        };
    }
}
